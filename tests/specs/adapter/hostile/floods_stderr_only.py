"""Talks on stderr without end and never answers."""

import sys

from _speak import shake_hands

shake_hands()
while True:
    sys.stderr.write("blah " * 1000 + "\n")
