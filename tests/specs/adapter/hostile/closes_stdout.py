"""Closes its output and lives on."""

import os
import time

from _speak import requests, shake_hands

shake_hands()
for _ in requests():
    os.close(1)
    time.sleep(600)
