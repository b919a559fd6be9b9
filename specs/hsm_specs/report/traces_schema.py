"""The JSON Schema of the result of judging, which is kept in report/traces.schema.json beside that of a run."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from hsm_specs.traces.judging.result import Result


def schema() -> dict[str, Any]:
    """The JSON Schema of a result."""
    found = msgspec.json.schema(Result)
    departure = found["$defs"]["Departure"]["properties"]
    # Names are in the places of their numbers by the time that a file is written.
    del departure["names"]
    departure["operation"] = {
        "description": "An operation of the adapter protocol, in an open world with the recorder's own names.",
        "anyOf": [{"type": "null"}, {"type": "object", "required": ["op"]}],
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found}


def schema_file() -> str:
    """The JSON Schema of a result as a file."""
    return json.dumps(schema(), indent=2) + "\n"
