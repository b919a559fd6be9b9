"""Answers honestly and talks without end on stderr meanwhile."""

import sys

from _speak import answer, requests, shake_hands, write

shake_hands()
for request in requests():
    for _ in range(400):
        sys.stderr.write("blah " * 1000 + "\n")
    write(answer(request) + "\n")
