"""The model, but adding a child panics in a tree that was rehydrated."""

import sys

from msgspec import UNSET

from hsm_specs.adapter.serve import observe, serve
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation


def panicking(program):
    """Return the implementation."""
    observations, rehydrated = list(observe(program)), set()
    for index, operation in enumerate(program):
        if isinstance(operation, ops.Rehydrate):
            rehydrated.add(operation.bind)
        if isinstance(operation, ops.Child) and operation.node in rehydrated:
            rehydrated.add(operation.bind)
        if isinstance(operation, ops.AddChild) and operation.node in rehydrated and observations[index].ok is not UNSET:
            observations[index] = Observation(panic="assignment to entry in nil map of children")
    return tuple(observations)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, panicking)
