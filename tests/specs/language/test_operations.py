"""Each operation is declared once: its specification is complete, and no other module has a table of operations."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from types import UnionType
from typing import Any, Union, get_args, get_origin

import pytest
from msgspec import Struct

import hsm_diagrams
import hsm_specs
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.generation.operations import maker
from hsm_specs.language import operations as ops
from hsm_specs.language.members import bare, given, is_struct, marked, members
from hsm_specs.language.observations import DOCUMENTED_ERRORS, FRAMEWORK_ERRORS, PALETTE_ERRORS
from hsm_specs.language.shapes import Domain
from hsm_specs.oracle.world import HANDLERS

SPECS = Path(hsm_specs.__file__).parent
DIAGRAMS = Path(hsm_diagrams.__file__).parent
NAMES = frozenset(operation.__name__ for operation in ops.OPERATIONS)
DECLARED = ("language/operations/", "oracle/world/")
"""Where operations are declared, and where the model runs each."""
REASONS = {
    "attribution/effects.py": "what each operation does to a tree, by requirement",
    "attribution/failovers.py": "what each operation shows of a failover, by requirement",
    "attribution/failure_context.py": "which operations change trees, load or look nodes up",
    "attribution/machines.py": "what each operation does to a machine, by requirement",
    "attribution/queues.py": "what each operation shows of a queue, by requirement",
    "attribution/registries.py": "what each operation does to a registry, by requirement",
    "attribution/replication.py": "what each operation shows of another cluster, by requirement",
    "attribution/trace.py": "which operations are about a node that they look up",
    "attribution/transactions.py": "what each operation shows of a workflow, by requirement",
    "attribution/trees.py": "what each operation shows of a tree, by requirement",
    "diagrams/explored/graph.py": "the few operations that edges of a picture are named by",
    "explore/invariants.py": "an invariant of transitions",
    "explore/workflow_invariants.py": "which operations only look at a store",
    "properties/builder.py": "whether a program that is being written has added nodes",
    "report/html/implementation.py": "what the result of each operation shows of a tree, to draw it",
    "stateful/lockstep.py": "one rule that tries some operations on a handle that nothing binds",
}
"""Modules that are about particular operations, and what they say of them that no specification can."""


# --- specifications ---------------------------------------------------------------------------------------------------


def leaves(shape: Any, around: tuple[Any, ...] = ()) -> Iterator[Any]:
    """Yield the shapes that nothing stands inside of."""
    shape = given(shape)
    inside = bare(shape)
    if marked(shape, Domain) is None and get_origin(inside) in (tuple, Union, UnionType):
        for item in get_args(inside):
            if item is not Ellipsis:
                yield from leaves(item, around)
    elif is_struct(inside):
        if inside not in around and not issubclass(inside, ops.Operation):
            for member in members(inside):
                yield from leaves(member.shape, (*around, inside))
    else:
        yield shape


def test_every_operation_that_is_declared_belongs_to_the_vocabulary() -> None:
    declared = {each for each in ops.Operation.__subclasses__() if each.__module__.startswith(ops.__name__)}
    assert set(ops.OPERATIONS) == declared
    assert set(ops.OPERATIONS) == ops.SPECIFICATIONS.keys()
    assert set(ops.OPERATIONS) == HANDLERS.keys()


@pytest.mark.parametrize("operation", ops.OPERATIONS, ids=ops.tag)
def test_a_specification_is_complete(operation: type[ops.Operation]) -> None:
    specification = ops.SPECIFICATIONS[operation]
    named = {specification.about, *specification.refusals.values()}
    assert named <= load_catalogue().keys()
    assert specification.refusals.keys() <= {*DOCUMENTED_ERRORS, *PALETTE_ERRORS, *FRAMEWORK_ERRORS}
    assert specification.delegates_to in {None, *map(ops.tag, ops.OPERATIONS)}
    assert any(isinstance(shown, operation) for shown in specification.example())
    names = {member.name for member in members(operation)}
    read = {field.partition("[")[0] for _, field, _, _ in Formatter().parse(specification.reads) if field}
    if "script" in names:
        assert specification.function is not None
        read |= {"script", "machine", "bind", "access"}
    assert names <= read
    assert all(choice.weight > 0 for choice in specification.choices)
    for choice in specification.choices:
        assert choice.choose or maker(operation)


@pytest.mark.parametrize("operation", ops.OPERATIONS, ids=ops.tag)
def test_every_place_of_an_operation_has_a_domain(operation: type[ops.Operation]) -> None:
    for leaf in leaves(operation):
        assert marked(leaf, Domain) is not None, leaf
    for leaf in leaves(ops.SPECIFICATIONS[operation].value):
        assert leaf in (None, bool) or marked(leaf, Domain) is not None, leaf


def test_a_place_without_a_domain_is_noticed() -> None:
    class Odd(Struct):
        count: int

    assert [None] == [marked(leaf, Domain) for leaf in leaves(Odd)]


# --- no table elsewhere -----------------------------------------------------------------------------------------------


def operation_in(node: ast.AST | None, imported: frozenset[str]) -> str | None:
    """Return the operation whose class an expression names."""
    match node:
        case ast.Attribute(ast.Name("ops" | "operations"), name) if name in NAMES:
            return name
        case ast.Name(name) if name in imported:
            return name
        case _:
            return None


def tables(source: str) -> Iterator[tuple[int, frozenset[str]]]:
    """Yield the tables of operations in a module: dictionaries, sequences, matches and tests by two classes or more."""
    tree = ast.parse(source)
    imported = frozenset(
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module == ops.__name__
        for alias in node.names
        if alias.name in NAMES
    )
    for node in ast.walk(tree):
        within: list[ast.AST | None] = []
        match node:
            case ast.Dict(keys=keys):
                within = [*keys]
            case ast.Tuple(elts=items) | ast.List(elts=items) | ast.Set(elts=items):
                within = [*items]
            case ast.Match(cases=cases):
                patterns = [pattern for case in cases for pattern in ast.walk(case.pattern)]
                within = [pattern.cls for pattern in patterns if isinstance(pattern, ast.MatchClass)]
            case ast.Call(ast.Name("isinstance"), [_, ast.BinOp() as union]):
                within = [*ast.walk(union)]
            case _:
                continue
        found = frozenset(name for item in within if (name := operation_in(item, imported)))
        if len(found) > 1:
            yield node.lineno, found


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(SPECS.rglob("*.py")):
        yield path.relative_to(SPECS).as_posix(), path
    for path in sorted(DIAGRAMS.rglob("*.py")):
        yield f"diagrams/{path.relative_to(DIAGRAMS).as_posix()}", path


def test_no_other_module_has_a_table_of_operations() -> None:
    found = {name: [*tables(path.read_text("utf-8"))] for name, path in modules() if not name.startswith(DECLARED)}
    with_tables = {name: rows for name, rows in found.items() if rows}
    assert {} == {name: rows for name, rows in with_tables.items() if name not in REASONS}
    assert REASONS.keys() == with_tables.keys(), "an exemption that nothing needs any more"


@pytest.mark.parametrize(
    "source",
    [
        "TABLE = {ops.AddChild: 1, ops.Child: 2}",
        "SOME = (ops.AddChild, ops.Child)",
        "SOME = frozenset({ops.AddChild, ops.Child})",
        "isinstance(x, ops.AddChild | ops.Child)",
        "match x:\n  case ops.AddChild() | ops.Child():\n    pass",
        "match x:\n  case ops.AddChild():\n    pass\n  case ops.Child(path=()):\n    pass",
        "from hsm_specs.language.operations import AddChild, Child\nTABLE = {AddChild: 1, Child: 2}",
    ],
)
def test_a_table_of_operations_is_noticed(source: str) -> None:
    assert [{"AddChild", "Child"}] == [names for _, names in tables(source)]


@pytest.mark.parametrize(
    "source",
    [
        "PROGRAM = (ops.AddChild(0, (1, 'a'), (0, 0)), ops.Child(0, ()))",
        "def f(x: ops.AddChild | ops.Child) -> None: ...",
        "isinstance(x, ops.AddChild)",
    ],
)
def test_programs_and_types_are_no_tables(source: str) -> None:
    assert [] == [*tables(source)]
