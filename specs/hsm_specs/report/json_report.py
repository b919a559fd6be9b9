"""The result of a run as one JSON file, with a published schema: ``result.schema.json`` beside this module."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from hsm_specs.files import write_atomically
from hsm_specs.report.result import Result, ResultCollector


class JsonReport(ResultCollector):
    """Writes the file at the end."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def finish(self, result: Result) -> None:
        """Writes the result."""
        write_atomically(self._path, encode(result))


def encode(result: Result) -> bytes:
    """The result's file."""
    return msgspec.json.format(msgspec.json.encode(result)) + b"\n"


def schema() -> dict[str, Any]:
    """The JSON Schema of a result."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **msgspec.json.schema(Result)}


def schema_file() -> str:
    """The JSON Schema of a result as a file."""
    return json.dumps(schema(), indent=2) + "\n"
