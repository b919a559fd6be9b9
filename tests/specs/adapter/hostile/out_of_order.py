"""Collects two requests and responds to the second one first."""

from _speak import answer, requests, shake_hands, write

shake_hands()
kept = []
for request in requests():
    kept.append(answer(request) + "\n")
    if len(kept) == 2:
        write(kept[1] + kept[0])
        kept = []
