"""Readable forms of data and tasks, besides their bytes."""

from __future__ import annotations

from typing import Any

import msgspec
from google.protobuf.json_format import MessageToJson
from google.protobuf.message import Message
from google.protobuf.text_format import MessageToString

from hsm_specs.traces.recorder.comparison import content


def as_json(value: Any) -> str:
    """Return a value as JSON: a message of Protocol Buffers, data classes, or the attributes of any other object."""
    if isinstance(value, Message):
        return str(MessageToJson(value, indent=None))
    return msgspec.json.encode(value, enc_hook=_attributes).decode()


def as_proto_text(value: Any) -> str:
    """Return a message of Protocol Buffers in their text format, and nothing for other values."""
    return str(MessageToString(value, as_one_line=True)) if isinstance(value, Message) else ""


def _attributes(thing: Any) -> Any:
    found = content(thing)
    return str(thing) if found is None else found
