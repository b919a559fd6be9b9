"""Starts a child that keeps the pipes, then ends; with an argument the child leaves the process group as well."""

import subprocess
import sys

from _speak import leave, shake_hands

shake_hands()
sleeper = "import time; time.sleep(600)"
subprocess.Popen([sys.executable, "-S", "-c", sleeper], start_new_session=len(sys.argv) > 1)
sys.stdin.readline()
leave(0)
