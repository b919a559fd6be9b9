"""Answers small requests at once, and a large one only after those that wait behind it."""

from queue import Empty, Queue
from threading import Thread

from _speak import answer, requests, shake_hands, write

shake_hands()
waiting = Queue()


def read():
    for request in requests():
        waiting.put(request)
    waiting.put(None)


Thread(target=read, daemon=True).start()
slow = []
while True:
    try:
        request = waiting.get(timeout=0.3 if slow else None)
    except Empty:
        request = slow.pop()
        write(answer(request) + "\n")
        continue
    if request is None:
        break
    if len(request.get("programs", ())) > 20:
        slow.append(request)
    else:
        write(answer(request) + "\n")
