"""The model, another version at each start, which ends when a program has an operation.

Arguments: the file that counts the starts, and the name of the operation.
"""

import os
import sys
from pathlib import Path

from msgspec.structs import replace

from hsm_specs.adapter.serve import GREETING, observe, serve

file, name = Path(sys.argv[1]), sys.argv[2]
with file.open("ab") as starts:
    starts.write(b".")
version = str(file.stat().st_size)


def ending(program):
    if any(operation.__struct_config__.tag == name for operation in program):
        os._exit(4)
    return observe(program)


serve(sys.stdin.buffer, sys.stdout.buffer, ending, replace(GREETING, version=version))
