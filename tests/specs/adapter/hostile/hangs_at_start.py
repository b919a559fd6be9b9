"""Says nothing, ever."""

import time

time.sleep(600)
