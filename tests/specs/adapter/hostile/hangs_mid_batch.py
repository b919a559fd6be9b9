"""Answers the first request and no other."""

import sys
import time

from _speak import answer, requests, shake_hands, write

shake_hands()
for request in requests():
    if request["seq"] == 2:
        sys.stderr.write("thinking about it\n")
        sys.stderr.flush()
        time.sleep(600)
    write(answer(request) + "\n")
