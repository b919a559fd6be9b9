"""Greets, then reads nothing any more."""

import time

from _speak import shake_hands

shake_hands()
time.sleep(600)
