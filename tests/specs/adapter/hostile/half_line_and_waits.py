"""Writes half an answer and keeps the rest."""

import time

from _speak import answer, requests, shake_hands, write

shake_hands()
for request in requests():
    text = answer(request)
    write(text[: len(text) // 2])
    time.sleep(600)
