"""The model, but something of earlier programs is left: after some of them a count is one too high."""

import sys
from itertools import count

from hsm_specs.adapter.serve import observe, serve
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation


def remembering():
    """Return the implementation before its first program."""
    seen = count(1)

    def answer(program):
        late = next(seen) > 200
        observations = list(observe(program))
        for index, operation in enumerate(program):
            if isinstance(operation, ops.TransitionCount) and late and isinstance(observations[index].ok, int):
                observations[index] = Observation(ok=observations[index].ok + 1)
        return tuple(observations)

    return answer


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, remembering())
