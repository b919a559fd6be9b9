"""Answers everything twice."""

from _speak import answer, requests, shake_hands, write

shake_hands()
for request in requests():
    write(2 * (answer(request) + "\n"))
