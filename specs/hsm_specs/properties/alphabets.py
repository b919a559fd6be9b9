"""All values of a domain that are confused, and trees in which they stand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from hsm_specs.language import operations as ops
from hsm_specs.language.confusions import TEXTS, alphabet
from hsm_specs.language.shapes import Domain
from hsm_specs.properties.builder import Builder

IDS: tuple[str, ...] = alphabet(Domain.ID)
TYPES: tuple[int, ...] = alphabet(Domain.MACHINE_TYPE)
STATES: tuple[int, ...] = alphabet(Domain.STATE)
VALUES: tuple[int, ...] = alphabet(Domain.VALUE)
ROWS: tuple[ops.Data, ...] = (
    *(
        (1, 11),
        (11, 1),
        (1, 1),
        (111, 1),
        (1, 111),
        (10, 1),
        (1, 10),
        (0, 11),
        (101, 1),
        (-1, 1),
        (1, 2),
        (12, 3),
        (1, 23),
    ),
    *(
        (3, 4),
        (4, 3),
        (2, 5),
        (0, 7),
        (7, 0),
        (0, 0),
        (2, 2),
        (6, 6),
        (12, 21),
        (21, 12),
        (256, 1),
        (1, 256),
        (0, 2**32),
    ),
)
"""Data whose digits in a row are the same, or whose sum, product or difference."""
DATA: tuple[ops.Data, ...] = tuple(
    dict.fromkeys((*((state, 7) for state in STATES), *((7, value) for value in VALUES), *ROWS))
)
LINE = 8
"""How many keys a path has at most."""
SEPARATORS = ("/", ":", "|", ",", ".", "-", "_", ";", "#", "\0", "\x1f", " ", "", "/1:", ":1/", '","')
JOINED: tuple[ops.Key, ...] = ((1, "1a"), (11, "a"), (1, "11a"), (111, "a"), (1, "1:a"), (1, "a1"), (1, "a:1"), (1, ""))

EDGES: tuple[ops.Key, ...] = tuple(
    (type_id, machine_id)
    for type_id in (0, 1, 2, -1, 2**31 - 1, -(2**31))
    for machine_id in ("", "0", "1", "a", "\0", "-1")
)
"""Keys of values that stand for nothing, in both places at once."""


def under(p: Builder, parent: int, keys: Iterable[ops.Key]) -> list[int]:
    """Add children with data of their own, and return their handles."""
    handles = []
    for number, key in enumerate(keys):
        handle = p.fresh()
        p.do(ops.AddChild(parent, key, (number % 7, number), handle))
        p.keys[handle] = key
        handles.append(handle)
    return handles


def named(ids: Iterable[str], type_id: int = 1) -> list[ops.Key]:
    """Return the keys of IDs of one type."""
    return [(type_id, machine_id) for machine_id in ids]


def typed(p: Builder) -> int:
    """Register all types of the alphabet, and return the handle of a root."""
    p.do(ops.NewRegistry(), *(ops.RegisterMachine(type_id, number) for number, type_id in enumerate(TYPES)))
    root = p.fresh()
    p.do(ops.NewRoot(TYPES[0], (1, 1), root))
    return root


def tasks() -> Iterator[ops.Task]:
    """Yield tasks with all payloads, kinds and types."""
    yield from ((1, payload, 1000) for payload in alphabet(Domain.PAYLOAD))
    yield from ((1, 5, deadline) for deadline in alphabet(Domain.DEADLINE))
    yield from ((2, 5, destination) for destination in alphabet(Domain.DESTINATION))
    yield from ((type_id, 5, 1000 if type_id % 2 else "1000") for type_id in alphabet(Domain.TASK_TYPE))


def families(p: Builder) -> Iterable[tuple[int, list[int]]]:
    """Yield for each group of IDs a new root and its children, which have the IDs of the group."""
    p.registry()
    for group in TEXTS:
        root = p.fresh()
        p.do(ops.NewRoot(1, (0, 0), root))
        yield root, under(p, root, named(group))


def lines(p: Builder) -> Iterable[list[int]]:
    """Yield trees, each of one line of nodes that have some of the IDs, until all are used."""
    p.registry()
    for start in range(0, len(IDS), LINE):
        line = [p.fresh()]
        p.do(ops.NewRoot(1, (0, 0), line[0]))
        for number, machine_id in enumerate(IDS[start : start + LINE]):
            line += under(p, line[-1], [(1 + number % 3, machine_id)])
        yield line


def reloaded(p: Builder, root: int) -> int:
    """Return the handle of a root that was made from what is persisted of another."""
    fresh = p.fresh()
    p.do(ops.Rehydrate(root, 1, (0, 0), fresh))
    return fresh


def found(p: Builder, root: int, keys: Sequence[ops.Key]) -> None:
    """Look each key up, and see that what is found is what was added."""
    for key in keys:
        handle = p.fresh()
        p.check(ops.Child(root, (key,), handle), ops.KeyOf(handle), ops.Export(handle))
