"""The plain implementation, which ends or hangs when it comes to an operation, always or in its fourth such program.

Arguments: `ends`, `hangs` or `ends-later`, and the name of the operation. It is started for each program that is lost,
and imports little, so that this takes no time.
"""

import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[4] / "adapters" / "python"))

from plain_hsm.adapter import World, main  # found by the path above

how, name = sys.argv[1:3]
met = []


class Losing(World):
    def run(self, operation):
        if operation["op"] == name and self not in met:
            met.append(self)
            if how == "hangs":
                time.sleep(3600)
            if how == "ends" or len(met) == 4:
                sys.stderr.write(f"the end at {name}\n")
                sys.stderr.flush()
                os.abort()
        return super().run(operation)


main(Losing)
