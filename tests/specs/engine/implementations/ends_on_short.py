"""The model in which adding a child dirties, and which ends when a program of fewer than ten operations has a child."""

import os
import sys

from amended import amended

from hsm_specs.adapter.serve import serve
from hsm_specs.language import operations as ops

observe = amended("add-child-dirties")


def ending(program):
    if len(program) < int(os.environ["SHORT"]) and any(isinstance(operation, ops.AddChild) for operation in program):
        os._exit(5)
    return observe(program)


serve(sys.stdin.buffer, sys.stdout.buffer, ending)
