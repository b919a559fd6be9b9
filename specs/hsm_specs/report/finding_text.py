"""A finding as text: the requirement, the program with the place of the difference, both answers, how to run it."""

from __future__ import annotations

import shlex
import textwrap
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.language import rendering, values
from hsm_specs.language.functions import notes
from hsm_specs.language.observations import Observation, at
from hsm_specs.language.operations import AnyOperation, Program
from hsm_specs.report.tree_text import tree_before
from hsm_specs.results.findings import Finding

Style = Literal["", "title", "faint", "mark", "expected", "observed", "note", "good", "bad"]
WIDTH = 80


class Styled(NamedTuple):
    """A line of text and what it is, for those who have colours."""

    text: str
    style: Style = ""


def finding_lines(finding: Finding, path: str = "", width: int = WIDTH) -> Iterator[Styled]:
    """Everything that a reader needs to know of a finding."""
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
    """The program up to the operation that answered otherwise, and both answers at the place where they differ.

    The lines of the ``tree`` stand before that operation.
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
    """A program with the answers that are expected of it; those that are evidence are marked."""
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


def _prefix(line: rendering.Line, here: bool) -> str:
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
    operation = program[where[0]] if len(where) == 1 else None
    texts = _contrasted(at(expected, where), at(observed, where), operation)
    inside = "" if where == _nearest(program[: where[0] + 1], where) else " inside"
    for name, text in zip(("expected", "observed"), texts, strict=True):
        yield from _wrapped(
            f"{'':8}{'':{indent}}{name}{inside}: ", text, width, "expected" if name == "expected" else "observed"
        )


def _remarks(finding: Finding) -> Iterator[str]:
    if not finding.documented:
        yield "The documentation is silent about this; it is reported and no failure."
    which = "the smallest of them" if finding.shrunk else "one of them"
    if finding.count > 1:
        yield f"{finding.count} programs fail like this; {which}:"
    if finding.outdated:
        yield "The specification is kept here, but a known deviation says that it is not."
    elif finding.amendments:
        yield "Held to the specification as amended by the known deviations."
    if finding.note:
        yield finding.note


def _known(line: rendering.Line, program: Program, expected: Sequence[Observation], where: tuple[int, ...]) -> str:
    """What an operation before the difference answered, where that is more than success."""
    index = line.top
    if index is None or index >= min(where[0], len(expected)) or line.opens:
        return ""
    text = values.answer(expected[index], program[index])
    return "" if text == "success" else f"  -> {text}"


def _nearest(program: Program, where: tuple[int, ...]) -> tuple[int, ...]:
    """The place of the line that a difference is shown at: its own, or that of the operation around it."""
    places = {line.where for line in rendering.lines(program)}
    while where not in places and len(where) > 1:
        where = where[:-1]
    return where


def _contrasted(wanted: Observation | None, got: Observation | None, operation: AnyOperation | None) -> tuple[str, str]:
    """Both answers in words; with what their functions did, if they differ in nothing else."""
    texts = [("nothing" if seen is None else values.answer(seen, operation)) for seen in (wanted, got)]
    if texts[0] == texts[1]:
        texts = [f"{text}, {_inside(seen)}" for text, seen in zip(texts, (wanted, got), strict=True)]
    return texts[0], texts[1]


def _inside(observation: Observation | None) -> str:
    inner = () if observation is None else observation.inner or ()
    if not inner:
        return "with a function that was not called or did nothing"
    return f"with {len(inner)} answer{'s' * (len(inner) > 1)} inside: " + "; ".join(map(values.answer, inner))


def _wrapped(prefix: str, text: str, width: int, style: Style) -> Iterator[Styled]:
    """Text behind a prefix, continued under itself."""
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
