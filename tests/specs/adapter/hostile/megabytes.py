"""Writes a line without end."""

from _speak import requests, shake_hands, write

shake_hands()
for _ in requests():
    while True:
        write("x" * 2**20)
