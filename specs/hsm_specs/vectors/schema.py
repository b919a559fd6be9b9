"""The JSON Schema of vectors, made from their types and from the schema of the protocol."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import msgspec

from hsm_specs.protocol.schema import Schema
from hsm_specs.protocol.schema import schema as protocol_schema
from hsm_specs.vectors.vector import FORMAT, Manifest, Vector

NAME: Final = "urn:hsmspec:vectors"
"""The name of the schema, whatever the format."""
_REF: Final = "#/$defs/{name}"
_PROTOCOL: Final = ("Program", "Observation")


def schema() -> Schema:
    """Return a line of a requirement's file, or the manifest."""
    protocol = protocol_schema()["$defs"]
    _, own = msgspec.json.schema_components([Vector, Manifest], ref_template=_REF)
    mine = {name: _prose(own[name]) for name in ("Vector", "Manifest", "Entry", "ScopeCoverage", "ScopePart")}
    mine["Vector"]["properties"]["program"] = {"$ref": "#/$defs/Program"}
    mine["Manifest"]["properties"]["format"] = {"const": FORMAT}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{NAME}:{FORMAT}",
        "title": f"The vectors of hsmspec, format {FORMAT}",
        "description": "A line of a requirement's file is a Vector, manifest.json is a Manifest.",
        "anyOf": [{"$ref": "#/$defs/Vector"}, {"$ref": "#/$defs/Manifest"}],
        "$defs": mine | {name: protocol[name] for name in _needed(protocol)},
    }


def text() -> str:
    """Return the schema as its file has it."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


def _needed(protocol: Schema) -> list[str]:
    """Return the definitions of the protocol that programs and observations are made of, in its order."""
    needed: set[str] = set()
    waiting: list[str] = list(_PROTOCOL)
    while waiting:
        name = waiting.pop()
        if name not in needed:
            needed.add(name)
            waiting += _references(protocol[name])
    return [name for name in protocol if name in needed]


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference.rpartition("/")[2]
        schema = list(schema.values())
    if isinstance(schema, list):
        for part in schema:
            yield from _references(part)


def _prose(definition: Schema) -> Schema:
    """Return a definition with its docstring on one line, and without titles, which repeat names."""
    prose = {"description": " ".join(definition["description"].split()).replace("``", "`")}
    return {name: value for name, value in (definition | prose).items() if name != "title"}
