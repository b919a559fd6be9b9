"""Answers the first request without end."""

from _speak import answer, requests, shake_hands, write

shake_hands()
for request in requests():
    line = answer(request) + "\n"
    while True:
        write(line)
