"""Saved findings, run again before anything else: still failing, fixed, or not reproducible."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import NamedTuple

from hsm_specs.adapter import Client
from hsm_specs.errors import InputError, ToolError
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.oracle.expectation import Expectation, Relation
from hsm_specs.results.events import FindingReplayed, ReplayOutcome
from hsm_specs.results.failures import Failure, signature
from hsm_specs.results.findings import Finding, load

KNOWN = "as a known deviation says"
NEVER_ALONE = "the program is answered as it should be, but it was never seen to fail by itself"
FAILED = "the adapter failed"


class Replay(NamedTuple):
    """The outcome of a saved finding, and its failure, if it still fails and is no known deviation."""

    event: FindingReplayed
    failure: Failure | None = None


class Saved(NamedTuple):
    """A file of a folder of findings, and the finding in it or what is wrong with it."""

    path: Path
    finding: Finding | None
    problem: str = ""


def saved_in(folder: Path, implementation: str, requirements: Collection[str]) -> list[Saved]:
    """Return the findings of a folder, by name, about the implementation and the requirements; unreadable ones too.

    An empty collection means all requirements.
    """
    found: list[Saved] = []
    for path in sorted(folder.glob("*.json")):
        try:
            finding = load(path)
        except InputError as error:
            found.append(Saved(path, None, str(error)))
            continue
        if finding.implementation == implementation and (not requirements or finding.requirement in requirements):
            found.append(Saved(path, finding))
    return found


def replay(adapter: Client, expectation: Expectation, findings: list[Saved]) -> Iterator[Replay]:
    """Run findings again, each by itself. Yield the one that a `ToolError` came with before raising it."""
    for path, finding, problem in findings:
        if finding is None:
            yield Replay(FindingReplayed("", str(path), "not reproducible", problem))
            continue
        try:
            outcome, note, failure = _again(adapter, expectation, finding)
        except ToolError:
            yield Replay(FindingReplayed(finding.id, str(path), "not reproducible", FAILED))
            raise
        yield Replay(FindingReplayed(finding.id, str(path), outcome, note), failure)


def _again(adapter: Client, expectation: Expectation, finding: Finding) -> tuple[ReplayOutcome, str, Failure | None]:
    program = finding.program
    missing = capabilities_of(program) - frozenset(adapter.greeting.capabilities)
    if missing:
        return "not reproducible", f"it needs {', '.join(sorted(missing))}, which is not offered", None
    (observed,) = adapter.run([program])
    kind, difference, amended = expectation.compare(program, expectation.predict(program), observed)
    if (
        difference is None
        or (kind is Relation.PASSED and not finding.outdated)
        or (kind is Relation.KNOWN and finding.outdated)
    ):
        return ("fixed", "", None) if finding.shrunk else ("not reproducible", NEVER_ALONE, None)
    if kind is Relation.KNOWN:
        return "still failing", KNOWN, None
    failure = Failure(
        program=program[: len(observed)],
        observed=observed,
        signature=signature(difference),
        amended=amended,
        phase=finding.phase,
        requirement=finding.requirement,
        outdated=kind is Relation.PASSED,
    )
    return "still failing", "", failure
