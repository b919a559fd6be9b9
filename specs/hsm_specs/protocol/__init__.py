"""The adapter protocol as documents: PROTOCOL.md and a JSON Schema, both made from the types of its messages."""

from hsm_specs.protocol.schema import load_schema

__all__ = ["load_schema"]
