"""The model with the amendments of its arguments, as an adapter."""

import sys

from hsm_model.amendments import amend
from hsm_specs.serve import DIALECT, UNSPECIFIED, serve
from hsm_specs.world import predict

SEMANTICS = amend(names=[name for name in sys.argv[1:] if name])


def observe(program):
    observations = predict(program, SEMANTICS, dialect=DIALECT)
    return observations + (UNSPECIFIED,) * (len(program) - len(observations))


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, observe)
