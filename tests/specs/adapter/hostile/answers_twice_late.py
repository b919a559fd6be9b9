"""Answers the last request once more when its input is over."""

from _speak import answer, requests, shake_hands, write

shake_hands()
last = ""
for request in requests():
    last = answer(request) + "\n"
    write(last)
write(last)
