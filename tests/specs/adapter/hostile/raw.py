"""Answers a request with the line in its argument, where %d stands for the sequence number and %s for the honest
observations; a second argument repeats the line's first character so many times."""

import json
import sys

from _speak import answer, requests, shake_hands

line = sys.argv[1]
if len(sys.argv) > 2:
    line = line[0] * int(sys.argv[2]) + line[1:]
shake_hands()
for request in requests():
    honest = json.dumps(json.loads(answer(request))["observations"])
    sys.stdout.buffer.write(
        line.replace("%d", str(request["seq"])).replace("%s", honest).encode("utf-8", "surrogateescape") + b"\n"
    )
    sys.stdout.flush()
