"""The model, but something of earlier programs is left: after some of them a count is one too high."""

import sys

from hsm_specs import operations as ops
from hsm_specs.observations import Observation
from hsm_specs.serve import observe, serve

seen = 0


def remembering(program):
    global seen  # noqa: PLW0603 (that is what is wrong with it)
    seen += 1
    observations = list(observe(program))
    for index, operation in enumerate(program):
        if isinstance(operation, ops.TransitionCount) and seen > 200 and isinstance(observations[index].ok, int):
            observations[index] = Observation(ok=observations[index].ok + 1)
    return tuple(observations)


serve(sys.stdin.buffer, sys.stdout.buffer, remembering)
