"""Conformance to the `hsm` documentation: requirements, operations, generators, oracle, engine and command line."""

import sys

STACK = 5_000
"""Calls that programs with functions inside of functions take: the model has eight for each, of up to 257."""
sys.setrecursionlimit(max(sys.getrecursionlimit(), STACK))
