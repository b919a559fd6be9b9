"""Answers a byte now and then, so that something always seems to be coming."""

import time

from _speak import shake_hands, write

shake_hands()
for _ in range(6000):
    write(" ")
    time.sleep(0.1)
