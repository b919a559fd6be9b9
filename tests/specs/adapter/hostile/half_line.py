"""Ends in the middle of an answer."""

from _speak import answer, leave, requests, shake_hands, write

shake_hands()
for request in requests():
    text = answer(request)
    write(text[: len(text) // 2])
    leave(0)
