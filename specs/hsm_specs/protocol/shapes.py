"""The named forms of values, which `hsm_specs.language.operations` declares, and annotations as people read them."""

from __future__ import annotations

import ast
import inspect
from functools import cache
from itertools import pairwise
from typing import Any, Final

from hsm_specs.language import operations

SHAPES: Final = ("Handle", "TypeID", "Small", "Key", "Path", "Data", "Kind", "Task", "Cast", "Failure", "Access")
"""The names of the aliases."""
_PLAIN: Final = {
    "str": "string",
    "int": "integer",
    "bool": "boolean",
    "AnyOperation": "Operation",
    "Capability": "capability",
    "Dialect": '`"v1.24"` or `"v1.25"`',
}


def alias(name: str) -> Any:
    """The type that a shape is."""
    return getattr(operations, name)


@cache
def descriptions() -> dict[str, str]:
    """What is written under each alias."""
    found: dict[str, str] = {}
    body = ast.parse(inspect.getsource(operations)).body
    for statement, following in pairwise(body):
        match statement, following:
            case ast.Assign(targets=[ast.Name(name)]), ast.Expr(ast.Constant(str(text))) if name in SHAPES:
                found[name] = prose(text)
            case _:
                pass
    return found


def prose(docstring: str) -> str:
    """A docstring as Markdown: paragraphs without breaks inside, code between single backticks."""
    paragraphs = inspect.cleandoc(docstring).replace("``", "`").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def readable(annotation: str) -> str:
    """An annotation in words, with the names of the shapes."""
    return _words(ast.parse(annotation, mode="eval").body)


def _words(node: ast.expr) -> str:
    match node:
        case ast.Name(name):
            return _PLAIN.get(name, name)
        case ast.Constant(None):
            return "null"
        case ast.BinOp(left, ast.BitOr(), right):
            return f"{_words(left)} or {_words(right)}"
        case ast.Subscript(ast.Name("tuple"), ast.Tuple([item, ast.Constant(end)])) if end is Ellipsis:
            return f"list of {_words(item)}"
        case ast.Subscript(ast.Name("tuple"), ast.Tuple(items)):
            return f"[{', '.join(map(_words, items))}]"
        case _:
            raise ValueError(f"an annotation that has no words yet: {ast.unparse(node)}")
