"""What a run is asked to do."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from hsm_specs.adapter import Timeouts
from hsm_specs.catalogue.requirements import Requirement
from hsm_specs.engine.budget import BUDGETS, Budget
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations


class Options(Struct, frozen=True):
    """The run's command and everything that it depends on.

    ``requirements`` are those to judge; with a ``selection`` only their directed properties run, without one the soak
    follows. ``findings`` is the folder that findings are saved to, None for nowhere; with ``replay`` those that are
    there already are run again first.
    """

    command: tuple[str, ...]
    requirements: tuple[Requirement, ...]
    seed: int = 0
    budget: Budget = BUDGETS["default"]
    timeouts: Timeouts = Timeouts()
    workers: int = 1
    selection: tuple[str, ...] = ()
    deviations: Deviations = NONE_KNOWN
    deviations_file: str = ""
    findings: Path | None = None
    fail_fast: bool = False
    replay: bool = False
