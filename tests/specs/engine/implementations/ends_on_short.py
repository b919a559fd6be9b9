"""The model in which adding a child dirties, and which ends when a program of fewer than ten operations has a child."""

import os
import sys

sys.argv[1:] = ["add-child-dirties"]

from amended import observe  # noqa: E402 (it reads the arguments)

from hsm_specs import operations as ops  # noqa: E402
from hsm_specs.serve import serve  # noqa: E402


def ending(program):
    if len(program) < int(os.environ["SHORT"]) and any(isinstance(operation, ops.AddChild) for operation in program):
        os._exit(5)
    return observe(program)


serve(sys.stdin.buffer, sys.stdout.buffer, ending)
