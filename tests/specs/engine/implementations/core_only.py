"""The model, which says that it offers nothing beyond the core."""

import sys

from msgspec.structs import replace

from hsm_specs.adapter.serve import GREETING, observe, serve

CORE = replace(GREETING, capabilities=(), dialect=None)

if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer, observe, CORE)
