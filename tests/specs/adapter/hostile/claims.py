"""Claims every capability and has none: each operation is an error; with an argument it refuses each batch instead."""

import json
import sys

from _speak import HELLO, requests, write

CAPABILITIES = ["transitions", "collections", "outputs", "tasks", "kinds", "executors", "refs", "identity", "panics"]
for request in requests():
    if "hello" in request:
        body = {"hello": {**HELLO, "capabilities": CAPABILITIES}}
    elif len(sys.argv) > 1:
        body = {"protocol_error": "there is no such operation here"}
    else:
        error = {"error": "other", "message": "it is not there"}
        body = {"observations": [[error] * len(program) for program in request["programs"]]}
    write(json.dumps({"seq": request["seq"], **body}, separators=(",", ":")) + "\n")
