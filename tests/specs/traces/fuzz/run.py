"""Fuzz the judging of traces with atheris: ``python tests/specs/traces/fuzz/run.py -max_total_time=600 CORPUS...``.

Needs `pip install atheris`. New inputs go to the first folder; `-merge=1 SMALL LARGE` makes a small corpus out of a
large one. A test replays what is kept in `corpus` beside this file.
"""

from __future__ import annotations

import sys

import atheris

with atheris.instrument_imports(
    include=["hsm_specs.traces", "hsm_specs.oracle.world", "hsm_specs.oracle.comparison", "hsm_model"]
):
    from harness import check


def one(data: bytes) -> None:
    """Judge an input."""
    check(data)


if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
