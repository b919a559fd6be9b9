"""The named shapes of values, which `hsm_specs.language.shapes` declares, and all shapes as people read them."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from hsm_specs.language import operations as ops
from hsm_specs.language import shapes
from hsm_specs.language.members import bare, is_struct, json_shape
from hsm_specs.language.messages import Capability, Dialect, Label

SHAPES: Final = (
    "Handle",
    "TypeID",
    "Small",
    "Natural",
    "Instant",
    "Text",
    "Key",
    "Path",
    "Data",
    "Kind",
    "Task",
    "Cast",
    "Failure",
    "Access",
    "MachineRef",
    "StoreFailure",
    "StoreError",
    "Delivery",
    "TimerDelivery",
    "Ending",
    "Span",
    "Fraction",
    "Cluster",
    "Fate",
)
"""The names of those that PROTOCOL.md lists."""


def alias(name: str) -> Any:
    """Return the type that a shape is."""
    return getattr(shapes, name)


@cache
def descriptions() -> dict[str, str]:
    """Return what is written under each alias."""
    found: dict[str, str] = {}
    body = ast.parse(inspect.getsource(shapes)).body
    for statement, following in pairwise(body):
        match statement, following:
            case ast.Assign(targets=[ast.Name(name)]), ast.Expr(ast.Constant(str(text))) if name in SHAPES:
                found[name] = prose(text)
            case _:
                pass
    return found


def prose(docstring: str) -> str:
    """Return a docstring as Markdown: paragraphs without breaks inside, code between single backticks."""
    paragraphs = inspect.cleandoc(docstring).replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def readable(shape: Any) -> str:
    """Return a shape in words, with the names of those that have one."""
    if shape is None or shape is type(None):
        return "null"
    looks = json_shape(shape)
    for known, name in _NAMED:
        if looks == known:
            return name
    match get_origin(looks), get_args(looks):
        case origin, choices if origin in (Union, UnionType):
            return " or ".join(map(readable, choices))
        case origin, (item, end) if origin is tuple and end is Ellipsis:
            return f"list of {readable(item)}"
        case origin, items if origin is tuple:
            return f"[{', '.join(map(readable, items))}]"
        case origin, _ if origin is Annotated:
            return readable(bare(looks))
        case _ if is_struct(looks):
            return str(looks.__name__)
        case _:
            raise ValueError(f"a shape that has no words yet: {shape}")


_NAMED: Final = (
    *((json_shape(alias(name)), name) for name in SHAPES),
    (Label, "string of at most 200 characters"),
    (str, "string"),
    (int, "integer"),
    (bool, "boolean"),
    (ops.AnyOperation, "Operation"),
    (Capability, "capability"),
    (Dialect, '`"v1.24"` or `"v1.25"`'),
)
