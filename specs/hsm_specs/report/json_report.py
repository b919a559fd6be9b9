"""The result of a run as one JSON file, with a published schema."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct

from hsm_specs.events import (
    Event,
    FindingCounted,
    FindingMade,
    Greeted,
    RequirementJudged,
    RunEnded,
    RunStarted,
    Toured,
)
from hsm_specs.files import write_atomically
from hsm_specs.findings import Finding
from hsm_specs.harness import Trouble
from hsm_specs.messages import Greeting
from hsm_specs.verdicts import Judgement

FORMAT = 1


class Found(Struct, frozen=True):
    """A finding with its ID and the file that it was saved to, empty if it was not."""

    id: str
    file: str
    finding: Finding


class Result(Struct, frozen=True):
    """A run and what came of it.

    ``exit_code`` is 0 if the implementation conforms, 1 if it does not, 2 if that could not be found out. ``partial``
    is empty for a complete run and else says why it is none. ``implementation`` is null if none introduced itself.
    Of the ``scope`` the tours were to try ``pairs`` of a state and an action, and tried so many as expected.
    """

    format: int
    exit_code: int
    partial: str
    problems: tuple[str, ...]
    trouble: Trouble | None
    command: tuple[str, ...]
    seed: int
    budget: str
    selection: tuple[str, ...]
    deviations: str
    implementation: Greeting | None
    amendments: tuple[str, ...]
    without: tuple[str, ...]
    programs: int
    operations: int
    seconds: float
    scope: str
    pairs: int
    tried: int
    requirements: tuple[Judgement, ...]
    findings: tuple[Found, ...]


class JsonReport:
    """Gathers the events and writes the file at the end."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._started: RunStarted | None = None
        self._greeted: Greeted | None = None
        self._toured = Toured("", 0, 0)
        self._judgements: list[Judgement] = []
        self._findings: dict[str, Found] = {}

    def __call__(self, event: Event) -> None:
        """Consumes an event."""
        match event:
            case RunStarted():
                self._started = event
            case Greeted():
                self._greeted = event
            case Toured():
                self._toured = event
            case FindingMade(finding, path):
                self._findings[finding.id] = Found(finding.id, path, finding)
            case FindingCounted(name, count):
                found = self._findings[name]
                finding = msgspec.structs.replace(found.finding, count=count)
                self._findings[name] = Found(found.id, found.file, finding)
            case RequirementJudged(judgement):
                self._judgements.append(judgement)
            case RunEnded():
                write_atomically(self._path, encode(self._result(event)))
            case _:
                pass

    def _result(self, ended: RunEnded) -> Result:
        started, greeted = self._started or RunStarted((), 0, "", 1, 0), self._greeted
        return Result(
            format=FORMAT,
            exit_code=ended.exit_code,
            partial=ended.partial,
            problems=ended.problems,
            trouble=ended.trouble,
            command=started.command,
            seed=started.seed,
            budget=started.budget,
            selection=started.selection,
            deviations=started.deviations,
            implementation=None if greeted is None else greeted.greeting,
            amendments=() if greeted is None else greeted.amendments,
            without=() if greeted is None else greeted.without,
            programs=ended.programs,
            operations=ended.operations,
            seconds=round(ended.seconds, 3),
            scope=self._toured.scope,
            pairs=self._toured.pairs,
            tried=self._toured.tried,
            requirements=tuple(self._judgements),
            findings=tuple(self._findings.values()),
        )


def encode(result: Result) -> bytes:
    """The result's file."""
    return msgspec.json.format(msgspec.json.encode(result)) + b"\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a result."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Result)}


def schema_file() -> str:
    """The JSON Schema of a result as a file."""
    return json.dumps(schema(), indent=2) + "\n"
