"""Greets with the line in its argument."""

import sys

from _speak import requests, write

for _ in requests():
    write(sys.argv[1] + "\n")
