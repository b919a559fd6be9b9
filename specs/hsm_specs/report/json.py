"""The result of a run or a soak as one JSON file, with a published schema: ``result.schema.json`` next to this module.

The result of judging has a schema too, ``traces.schema.json``. Its file is written while traces are judged.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from hsm_specs.files import write_atomically
from hsm_specs.machines.check.rules import CheckResult
from hsm_specs.report.reporter import CheckingEnded, ReportEvent
from hsm_specs.report.result import Result, ResultCollector
from hsm_specs.traces.judging.result import JudgingResult

_DIALECT = {"$schema": "https://json-schema.org/draft/2020-12/schema"}


class JsonReporter(ResultCollector):
    """Write the file at the end."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def __call__(self, event: ReportEvent) -> None:
        """Consume an event."""
        if isinstance(event, CheckingEnded):
            encoded = msgspec.json.encode(event.result)
            write_atomically(self._path, msgspec.json.format(encoded) + b"\n")
        else:
            super().__call__(event)

    def finish(self, result: Result) -> None:
        """Write the result."""
        write_atomically(self._path, encode(result))


def encode(result: Result) -> bytes:
    """Return the content of a result's file."""
    return msgspec.json.format(msgspec.json.encode(result)) + b"\n"


def result_schema() -> dict[str, Any]:
    """Return the JSON Schema of the result of a run or a soak."""
    return {**_DIALECT, **msgspec.json.schema(Result)}


def traces_schema() -> dict[str, Any]:
    """Return the JSON Schema of the result of judging."""
    found = msgspec.json.schema(JudgingResult)
    departure = found["$defs"]["Departure"]["properties"]
    # The file has the recorder's own names in place of their numbers.
    del departure["names"]
    departure["operation"] = {
        "description": "An operation of the adapter protocol, in an open world with the recorder's own names.",
        "anyOf": [{"type": "null"}, {"type": "object", "required": ["op"]}],
    }
    return {**_DIALECT, **found}


def check_schema() -> dict[str, Any]:
    """Return the JSON Schema of the result of checking machines."""
    return {**_DIALECT, **msgspec.json.schema(CheckResult)}


SCHEMAS = {
    "result.schema.json": result_schema,
    "traces.schema.json": traces_schema,
    "check.schema.json": check_schema,
}
"""The published schemas by the names of their files."""


def schema_file(name: str) -> str:
    """Return the content of a schema's file."""
    return json.dumps(SCHEMAS[name](), indent=2) + "\n"
