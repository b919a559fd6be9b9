"""The model with the amendments of its arguments, as an adapter."""

import sys

from hsm_model.amendments import amend
from hsm_specs.adapter.serve import DIALECT, UNSPECIFIED, serve
from hsm_specs.oracle.world import predict


def amended(*names):
    """Return an implementation that behaves like the model with these amendments."""
    semantics = amend(names=[name for name in names if name])

    def observe(program):
        observations = predict(program, semantics, dialect=DIALECT)
        return observations + (UNSPECIFIED,) * (len(program) - len(observations))

    return observe


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, amended(*sys.argv[1:]))
