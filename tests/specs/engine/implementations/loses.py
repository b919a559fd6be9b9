"""The model as amended, which ends or hangs when it comes to an operation, always or in its fourth such program.

Arguments: `ends`, `hangs` or `ends-later`, the name of the operation, and amendments.
"""

import os
import sys
import time

from amended import amended

from hsm_specs.adapter.serve import serve

how, name = sys.argv[1:3]
observe = amended(*sys.argv[3:])
met = []


def losing(program):
    if any(operation.__struct_config__.tag == name for operation in program):
        met.append(program)
        if how == "hangs":
            time.sleep(3600)
        if how == "ends" or len(met) == 4:
            sys.stderr.write(f"the end at {name}\n")
            sys.stderr.flush()
            os.abort()
    return observe(program)


serve(sys.stdin.buffer, sys.stdout.buffer, losing)
