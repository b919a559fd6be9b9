"""The honest beginning that the hostile adapters share.

Every program is answered with nulls, whatever it asks. Run by itself, it is an adapter that keeps to the protocol.
"""

import json
import os
import sys

HELLO = {"protocol": 1, "name": "hostile", "version": "0", "language": "python", "capabilities": []}


def write(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def answer(request):
    """Return the honest answer to a request, as text without the newline."""
    if "hello" in request:
        body = {"hello": HELLO}
    else:
        body = {"observations": [[{"ok": None}] * len(program) for program in request["programs"]]}
    return json.dumps({"seq": request["seq"], **body}, separators=(",", ":"))


def requests():
    """Yield the requests as they come."""
    for line in sys.stdin:
        yield json.loads(line)


def shake_hands():
    """Answer the handshake and nothing else."""
    write(answer(json.loads(sys.stdin.readline())) + "\n")


def leave(status):
    """End at once."""
    sys.stdout.flush()
    os._exit(status)


if __name__ == "__main__":
    for request in requests():
        write(answer(request) + "\n")
