"""Answers small requests at once, and a large one only after those that wait behind it."""

import select
import sys

from _speak import answer, requests, shake_hands, write

shake_hands()
slow = []
for request in requests():
    if "programs" in request and len(request["programs"]) > 20:
        slow.append(request)
        if select.select([sys.stdin], [], [], 0.3)[0]:
            continue
    else:
        write(answer(request) + "\n")
    for late in slow:
        write(answer(late) + "\n")
    slow = []
