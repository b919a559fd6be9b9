"""The model as amended, which ends when a program has the operation of its first argument."""

import os
import sys

from amended import amended

from hsm_specs.adapter.serve import serve

name = sys.argv[1]
observe = amended(*sys.argv[2:])


def ending(program):
    if any(operation.__struct_config__.tag == name for operation in program):
        sys.stderr.write(f"there is no {name}\n")
        sys.stderr.flush()
        os._exit(4)
    return observe(program)


serve(sys.stdin.buffer, sys.stdout.buffer, ending)
