"""Ends by itself: at the moment and with the status that its arguments say, or by a signal if that is negative."""

import os
import sys

from _speak import answer, leave, requests, shake_hands, write

moment, status = sys.argv[1], int(sys.argv[2])


def end():
    sys.stderr.write("some words\nthe last words\n")
    sys.stderr.flush()
    if status < 0:
        os.kill(os.getpid(), -status)
    leave(status)


if moment == "start":
    end()
shake_hands()
if moment == "greeted":
    end()
for request in requests():
    if moment == "mid-batch" and request["seq"] == 2:
        end()
    write(answer(request) + "\n")
end()
