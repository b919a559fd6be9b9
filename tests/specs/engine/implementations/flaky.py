"""The model, but now and then a count is one too high, at random: whatever ran before makes no difference."""

import sys
from random import SystemRandom

from hsm_specs.adapter.serve import observe, serve
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation


def flaky():
    """A world that fails at random."""
    random = SystemRandom()

    def answer(program):
        observations = list(observe(program))
        wrong = random.random() < 0.5
        for index, operation in enumerate(program):
            if wrong and isinstance(operation, ops.TransitionCount) and isinstance(observations[index].ok, int):
                observations[index] = Observation(ok=observations[index].ok + 1)
        return tuple(observations)

    return answer


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, flaky())
