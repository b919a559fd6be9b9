"""The model as amended, which ends when a program has the operation of its first argument."""

import os
import sys

name = sys.argv.pop(1)

from amended import observe  # noqa: E402 (it reads the other arguments)

from hsm_specs.serve import serve  # noqa: E402


def ending(program):
    if any(operation.__struct_config__.tag == name for operation in program):
        sys.stderr.write(f"there is no {name}\n")
        sys.stderr.flush()
        os._exit(4)
    return observe(program)


serve(sys.stdin.buffer, sys.stdout.buffer, ending)
