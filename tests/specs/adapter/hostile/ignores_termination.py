"""Hangs and does not let itself be asked to stop."""

import signal
import time

from _speak import shake_hands

signal.signal(signal.SIGTERM, signal.SIG_IGN)
signal.signal(signal.SIGHUP, signal.SIG_IGN)
shake_hands()
time.sleep(600)
