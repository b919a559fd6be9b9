"""Answers requests until the second one, or the one whose number is given."""

import sys
import time

from _speak import answer, requests, shake_hands, write

first = int(sys.argv[1]) if len(sys.argv) > 1 else 2
shake_hands()
for request in requests():
    if request["seq"] == first:
        sys.stderr.write("thinking about it\n")
        sys.stderr.flush()
        time.sleep(600)
    write(answer(request) + "\n")
