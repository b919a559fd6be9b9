"""Wrong implementations: how long the default run takes to its first finding"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from time import perf_counter

from measure import Figure

from hsm_specs.catalogue.requirements import select
from hsm_specs.engine import RunOptions, run
from hsm_specs.engine.budget import budget
from hsm_specs.results.events import Event, FindingMade

WRONG = ("clears-two-levels", "list-leaves-out-the-last", "failed-transition-is-kept")
ADAPTERS = Path(__file__).parents[1] / "adapters" / "python"


class _Found(BaseException):
    """The first finding is there."""


def figures() -> Iterator[Figure]:
    """Measure against the time of the whole default run on the implementation that the mutants derive from."""
    os.environ["PYTHONPATH"] = os.pathsep.join([str(ADAPTERS), *filter(None, [os.environ.get("PYTHONPATH")])])
    whole = _seconds(("plain_hsm.adapter",))
    for name in WRONG:
        took = _seconds(("plain_mutants", name))
        yield Figure(f"first finding of {name} to a whole run", took / whole, f"{took:.2f} s", f"{whole:.1f} s")


def _seconds(module: tuple[str, ...]) -> float:
    """Return how long a run takes to its first finding, or to its end."""

    def consume(event: Event) -> None:
        if isinstance(event, FindingMade):
            raise _Found

    options = RunOptions(
        command=(sys.executable, "-m", *module), requirements=tuple(select(None)), budget=budget("default"), workers=2
    )
    began = perf_counter()
    with suppress(_Found):
        run(options, consume)
    return perf_counter() - began
