"""Findings, programs and trees as lines of text.

A finding shows its requirement, the program up to the difference, both observations and the command that replays it.
"""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from hsm_model.amendments import READINGS
from hsm_model.framework.amendments import ALL_AMENDMENTS, amend_world
from hsm_model.node import Node
from hsm_model.semantics import SPECIFICATION
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import rendering, values
from hsm_specs.language.functions import notes, operation_at
from hsm_specs.language.messages import Dialect
from hsm_specs.language.observations import Observation, at
from hsm_specs.language.operations import AnyOperation, Program
from hsm_specs.oracle.world import Excluded, Unspecified, World
from hsm_specs.oracle.world.tree import structure
from hsm_specs.printable import printable
from hsm_specs.results.findings import Finding

Style = Literal["", "title", "faint", "mark", "expected", "observed", "note", "warning", "good", "bad", "undecided"]
WIDTH = 80
"""Columns of a line, where the terminal does not say how many it has."""
TREE_NODES = 12
"""The largest number of nodes of a tree that are shown."""
MOST_PARTS = 4
"""How many missing or extra parts of a value are named."""
Place = tuple[tuple[int, str], ...]


class Styled(NamedTuple):
    """A line of text and its role, which a terminal shows in color."""

    text: str
    style: Style = ""


def finding_lines(finding: Finding, path: str = "", width: int = WIDTH) -> Iterator[Styled]:
    """Yield the lines of a finding, made printable; ``path`` is the file that it was saved to."""
    for line in _finding_lines(finding, path, width):
        yield Styled(printable(line.text), line.style)


def _finding_lines(finding: Finding, path: str, width: int) -> Iterator[Styled]:
    yield from _wrapped(f"{finding.requirement}  ", finding.statement, width, "title")
    requirement = load_catalogue().get(finding.requirement)
    for source in () if requirement is None else requirement.sources[:1]:
        sentence = f"sentence {source.sentence}" if source.sentence else "declaration"
        yield Styled(f"  {source.symbol}, {sentence}: {source.link}", "faint")
    if finding.rule:
        yield Styled(f"  predicted by the model's rule {finding.rule}", "faint")
    for remark in _remarks(finding):
        yield from _wrapped("  ", remark, width, "note")
    yield Styled("")
    tree = tree_before(finding.program, finding.where[0], finding.amendments, finding.dialect)
    yield from program_lines(finding.program, finding.expected, finding.observed, finding.where, width, tree)
    if path:
        yield Styled("")
        yield Styled(f"  hsmspec replay {shlex.quote(path)}", "faint")


def program_lines(
    program: Program,
    expected: Sequence[Observation],
    observed: Sequence[Observation],
    where: tuple[int, ...],
    width: int = WIDTH,
    tree: Sequence[str] = (),
) -> Iterator[Styled]:
    """Yield the program up to the operation that differs, then both observations at the difference.

    The lines of the ``tree`` come before that operation.
    """
    shown = program[: where[0] + 1]
    marked = _nearest(shown, where)
    answers = list(_answers(program, expected, observed, where, width, 4 * (len(marked) - 1)))
    closing = -1
    for line in rendering.lines(shown):
        here = line.where == marked
        if line.where == where[:1]:
            yield from _tree(tree, width)
        yield from _wrapped(_prefix(line, here), line.text + _known(line, program, expected, where), width, _mark(here))
        if here and line.opens:
            closing = line.depth
        elif here or (line.depth == closing and line.where is None):
            yield from answers
            closing = -1


def example_lines(
    program: Program, expected: Sequence[Observation], evidence: frozenset[int], width: int = WIDTH
) -> Iterator[Styled]:
    """Yield a program, with its evidence marked and followed by the expected observations."""
    for line in rendering.lines(program):
        here = line.top in evidence
        yield from _wrapped(_prefix(line, here), line.text, width, _mark(here))
        if here and line.top is not None and line.top < len(expected):
            operation, wanted = program[line.top], expected[line.top]
            answer = values.answer(wanted, operation)
            if notes(operation):
                answer = f"{answer}, {_inside(wanted)}"
            yield from _wrapped(f"{'':8}expected: ", answer, width, "expected")


def _tree(tree: Sequence[str], width: int) -> Iterator[Styled]:
    if tree:
        yield Styled(f"{'':8}the tree before it:", "faint")
    for line in tree:
        indent = len(line) - len(line.lstrip())
        yield from _wrapped(f"{'':10}{'':{indent}}", line.lstrip(), width, "faint")


def _prefix(line: rendering.ProgramLine, here: bool) -> str:
    number = "" if line.top is None else line.top + 1
    return f"{'>' if here else ' '} {number:>3}  {'    ' * line.depth}"


def _mark(here: bool) -> Style:
    return "mark" if here else ""


def _answers(
    program: Program,
    expected: Sequence[Observation],
    observed: Sequence[Observation],
    where: tuple[int, ...],
    width: int,
    indent: int,
) -> Iterator[Styled]:
    operation = operation_at(program, where)
    wanted, got = at(expected, where), at(observed, where)
    texts = contrasted(operation, wanted, got)
    inside = "" if where == _nearest(program[: where[0] + 1], where) else " inside"
    for name, text in zip(("expected", "observed"), texts, strict=True):
        yield from _wrapped(
            f"{'':8}{'':{indent}}{name}{inside}: ", text, width, "expected" if name == "expected" else "observed"
        )
    if wanted is not None and got is not None:
        lacking, extra = values.missing_and_extra(operation, wanted.ok, got.ok)
        for name, parts in (("missing", lacking), ("too much", extra)):
            if parts:
                yield from _wrapped(f"{'':8}{'':{indent}}{name}: ", _enumerated(parts), width, "observed")


def _enumerated(parts: Sequence[str]) -> str:
    """Return the first few of some parts."""
    shown = "; ".join(parts[:MOST_PARTS])
    return shown if len(parts) <= MOST_PARTS else f"{shown}; and {len(parts) - MOST_PARTS:,} more"


def _remarks(finding: Finding) -> Iterator[str]:
    if not finding.documented:
        yield "The documentation is silent here: this is reported and is no failure."
    which = "the smallest of them" if finding.shrunk else "one of them"
    if finding.count > 1:
        yield f"{finding.count} programs fail like this; {which}:"
    if finding.outdated:
        yield "This conforms to the specification, but a known deviation states otherwise."
    elif set(finding.amendments) - set(READINGS):
        yield "Held to the specification as amended by the known deviations."
    for name in finding.amendments:
        if name in READINGS:
            yield f"Held to the reading that the implementation follows elsewhere: {READINGS[name].statement}"
    if finding.note:
        yield finding.note


def _known(
    line: rendering.ProgramLine, program: Program, expected: Sequence[Observation], where: tuple[int, ...]
) -> str:
    """Return the observation of an operation before the difference, empty for plain success."""
    index = line.top
    if index is None or index >= min(where[0], len(expected)) or line.opens:
        return ""
    text = values.answer(expected[index], program[index])
    return "" if text == "success" else f"  -> {text}"


def _nearest(program: Program, where: tuple[int, ...]) -> tuple[int, ...]:
    """Return the place of the line to mark: that of the difference, or of the operation around it."""
    places = {line.where for line in rendering.lines(program)}
    while where not in places and len(where) > 1:
        where = where[:-1]
    return where


def contrasted(operation: AnyOperation | None, *answers: Observation | None) -> list[str]:
    """Return observations as text, each with those inside of its function if the first two look the same otherwise."""
    texts = ["nothing" if seen is None else values.answer(seen, operation) for seen in answers]
    if texts[0] == texts[1]:
        texts = [f"{text}, {_inside(seen)}" for text, seen in zip(texts, answers, strict=True)]
    return texts


def _inside(observation: Observation | None) -> str:
    inner = () if observation is None else observation.inner or ()
    if not inner:
        return "with a function that was not called or did nothing"
    return f"with {counted(len(inner), 'answer')} inside: " + "; ".join(map(values.answer, inner))


def counted(count: int, what: str) -> str:
    """Return a number of things, in the plural unless it is 1."""
    return f"{count:,} {what}{'s' * (count != 1)}"


def _wrapped(prefix: str, text: str, width: int, style: Style) -> Iterator[Styled]:
    """Wrap text behind a prefix. Continuation lines are indented below it."""
    indent = " " * min(len(prefix) + 4, 24) if prefix.strip(" >0123456789") == "" else " " * min(len(prefix), 24)
    pieces = textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=prefix,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
    for piece in pieces or [prefix.rstrip()]:
        yield Styled(piece, style)


def tree_before(
    program: Program, index: int, amendments: Sequence[str] = (), dialect: Dialect | None = None
) -> list[str]:
    """Return the lines of the tree that an operation works on, before it runs; empty if it names no bound node."""
    handle = getattr(program[index], "node", None)
    if handle is None or not ALL_AMENDMENTS.keys() >= set(amendments):
        return []
    world = World(amend_world(SPECIFICATION, amendments), dialect=dialect or "v1.25")
    try:
        for earlier in program[:index]:
            world.observe(earlier)
        return _tree_lines(world, world.node(handle)) if handle in world.nodes else []
    except (Unspecified, Excluded, UnicodeDecodeError):
        return []


def _tree_lines(world: World, node: Node) -> list[str]:
    root = node
    while root.parent is not None:
        root = root.parent
    names: dict[Place, list[str]] = {}
    for handle, other in sorted(world.nodes.items()):
        if other.tree is root.tree and not other.gone:
            names.setdefault(tuple(other.path()), []).append(f"n{handle}")
    outputs: dict[Place, Sequence[Any]] = {tuple(path): emitted for path, emitted in root.outputs()}
    lines = list(_nodes(structure(root.persisted()), (), names, outputs))
    if len(lines) > TREE_NODES:
        lines[TREE_NODES - 1 :] = [f"... and {len(lines) - TREE_NODES + 1} nodes more"]
    return lines


def _nodes(
    tree: Any, place: Place, names: Mapping[Place, list[str]], outputs: Mapping[Place, Sequence[Any]]
) -> Iterator[str]:
    count, data, children = tree
    name = values.key(place[-1]) if place else "root"
    emitted = ""
    if place in outputs:
        tasks = ", ".join(values.task(task) for output in outputs[place] for task in output.tasks)
        emitted = f", put out {tasks or 'no tasks'}"
    handles = f"  = {', '.join(names[place])}" if place in names else ""
    yield f"{'  ' * len(place)}{name}: {_data(data)}, count {count}{emitted}{handles}"
    for type_id, machine_id, child in sorted(children, key=lambda entry: entry[:2]):
        yield from _nodes(child, (*place, (type_id, machine_id)), names, outputs)


def _data(data: str) -> str:
    """Return the data of a palette machine as text, other data quoted."""
    state, colon, value = data.partition(":")
    try:
        return values.data_of((int(state), int(value)))
    except ValueError:
        return f"data {values.quoted(data)}" if colon else "no data"
