"""The parts of the results of runs (`hsmspec run --json`) that pictures need."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
from msgspec import Struct

from hsm_specs.errors import InputError
from hsm_specs.files import read
from hsm_specs.language.messages import Greeting
from hsm_specs.report.result import FORMAT
from hsm_specs.results.verdicts import Judgement


class Run(Struct, frozen=True):
    """A run and its verdicts."""

    format: int
    implementation: Greeting | None
    requirements: tuple[Judgement, ...]
    seed: int
    budget: str
    programs: int
    operations: int
    partial: str = ""
    selection: tuple[str, ...] = ()
    scope: str = ""
    pairs: int = 0
    tried: int = 0

    @property
    def name(self) -> str:
        """Return the name and version of the implementation."""
        if self.implementation is None:
            return "an unknown implementation"
        return f"{self.implementation.name} {self.implementation.version}".strip()

    @property
    def making(self) -> str:
        """Return the options that repeat the run, and what it left out."""
        only = f", only {', '.join(self.selection)}" if self.selection else ""
        partial = f", partial: {self.partial}" if self.partial else ""
        return f"budget {self.budget}, seed {self.seed}{only}{partial}"


def load_run(path: Path) -> Run:
    """Read the result of a run. Raise `InputError` if the file is not one."""
    try:
        run = msgspec.json.decode(read(path), type=Run)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"{path} is no result of a run ({error}).", remedy="`hsmspec run --json FILE` writes results."
        ) from None
    if run.format != FORMAT:
        raise InputError(f"{path} is a result of format {run.format}, and this hsmspec reads format {FORMAT}.")
    if not run.requirements:
        raise InputError(f"{path} is a result without any verdict: the run ended before it came to one.")
    return run


def labelled(runs: Sequence[Run]) -> list[str]:
    """Return a unique name for each run."""
    names = [run.name for run in runs]
    return [
        name if names.count(name) == 1 else f"{name} ({names[: index + 1].count(name)})"
        for index, name in enumerate(names)
    ]
