"""Films as templates show them: texts, answers and references to pictures, which a page has once each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, NamedTuple

from markupsafe import Markup

from hsm_model.amendments import AMENDMENTS, amend
from hsm_model.semantics import SPECIFICATION
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation, at
from hsm_specs.language.operations import Program
from hsm_specs.report.html import answers, changes, messages, tree_svg
from hsm_specs.report.html.answers import Answers, Contrast
from hsm_specs.report.html.film import Frame, film
from hsm_specs.report.html.implementation import implementation
from hsm_specs.report.html.snapshots import NOTHING, Snapshot, persisted
from hsm_specs.report.html.templates import markup
from hsm_specs.results.findings import Finding

ANSWER = 1500
"""Characters of an answer that are shown."""
Mark = Literal["", "difference", "evidence"]


class Reference(NamedTuple):
    """The ID and the size of a picture in the pool."""

    id: str
    width: int
    height: int


class Pool:
    """The pictures of a page, without duplicates."""

    def __init__(self, prefix: str = "p") -> None:
        self._prefix = prefix
        self._ids: dict[tree_svg.Svg, str] = {}
        self.size = 0

    @property
    def pictures(self) -> dict[str, Markup]:
        """The pictures by their IDs."""
        return {id: markup(svg.body) for svg, id in self._ids.items()}

    def add(self, before: Snapshot, after: Snapshot) -> Reference | None:
        """Return the picture after an operation, None if it is empty."""
        if after == NOTHING and before == NOTHING:
            return None
        svg = tree_svg.draw(changes.context(before, after))
        if svg not in self._ids:
            self._ids[svg] = f"{self._prefix}{len(self._ids)}"
            self.size += len(svg.body) + 20
        return Reference(self._ids[svg], svg.width, svg.height)


class StepView(NamedTuple):
    """A step as it is shown.

    ``wanted`` and ``got`` are the trees of the model and of the implementation, if the answers show that they differ;
    ``whole`` says whether the answers themselves are trees. ``loaded`` is the tree in the bytes of the operation.
    """

    number: str
    depth: int
    text: str
    answers: Answers | None
    mark: Mark
    before: Reference | None
    after: Reference | None
    changes: str
    silent: bool
    wanted: Reference | None = None
    got: Reference | None = None
    whole: bool = False
    loaded: Reference | None = None

    @property
    def brief(self) -> str:
        """The answer next to a call in the program, empty for plain success."""
        said = "" if self.answers is None else self.answers.expected
        return "" if said == "success" or self.mark or len(said) > 60 else said


class FilmView(NamedTuple):
    """A film as it is shown. ``start`` is the index of the step that is shown first."""

    steps: tuple[StepView, ...]
    start: int


def example_view(program: Program, expected: tuple[Observation, ...], evidence: frozenset[int], pool: Pool) -> FilmView:
    """Return the film of an example program, which starts at the first evidence."""
    steps = film(program)

    def marked(step: Frame) -> Mark:
        return "evidence" if len(step.where) == 1 and step.where[0] in evidence and step.part != "begin" else ""

    views = _views(steps, lambda step: answers.of_model(step, expected), marked, pool)
    return FilmView(views, next((index for index, view in enumerate(views) if view.mark), 0))


def finding_view(finding: Finding, pool: Pool, reference: Observation | None = None) -> FilmView:
    """Return the film of a finding's program, which ends and starts at the difference.

    ``reference`` is the answer of the reference there.
    """
    known = [name for name in finding.amendments if name in AMENDMENTS]
    program = finding.program[: finding.where[0] + 1]
    contrast = Contrast(finding.expected, finding.observed, finding.where, reference)
    return contrast_view(film(program, amend(SPECIFICATION, known), finding.dialect), contrast, pool)


def contrast_view(steps: tuple[Frame, ...], contrast: Contrast, pool: Pool) -> FilmView:
    """Return a film with expected and observed answers, which starts at the difference."""
    place = answers.difference(steps, contrast.where)

    def answered(step: Frame) -> Answers | None:
        return answers.at_difference(step, contrast) if step is steps[place] else answers.of_contrast(step, contrast)

    views = _views(steps, answered, lambda step: "difference" if step is steps[place] else "", pool)
    return FilmView(
        tuple(_with_trees(view, step, contrast, pool) for view, step in zip(views, steps, strict=True)), place
    )


def _with_trees(view: StepView, step: Frame, contrast: Contrast, pool: Pool) -> StepView:
    """Return the view with both trees, if the answers show that they differ."""
    wanted, got = at(contrast.expected, step.where), at(contrast.observed, step.where)
    if step.part == "begin" or wanted is None or got is None or wanted == got:
        return view
    operation, shown = messages.answered(step.operation, (wanted, got), step.dialect)
    if isinstance(operation, ops.Export):
        try:
            one, other = (Snapshot({}, {0: persisted(each.ok)}, {}) for each in shown if each is not None)
        except (TypeError, ValueError):
            return view
        return view._replace(wanted=pool.add(one, one), got=pool.add(one, other), whole=True)
    if step.after is None or (theirs := implementation(step.after, operation, wanted, got)) is None:
        return view
    return view._replace(wanted=pool.add(step.after, step.after), got=pool.add(step.after, theirs))


def _views(
    steps: tuple[Frame, ...], answered: Callable[[Frame], Answers | None], marked: Callable[[Frame], Mark], pool: Pool
) -> tuple[StepView, ...]:
    return tuple(_view(step, answered(step), marked(step), pool) for step in steps)


def _view(step: Frame, said: Answers | None, mark: Mark, pool: Pool) -> StepView:
    before = after = None
    changed = ""
    if step.before is not None and step.after is not None:
        after = pool.add(step.before, step.after)
        if step.before != step.after:
            # For registries alone, one picture is enough.
            before = pool.add(step.before, step.before) if step.before.trees or step.before.machines else None
            changed = "; ".join(changes.sentences(step.before, step.after))
    return StepView(
        number=step.number,
        depth=step.depth,
        text=_shortened(step.text),
        answers=said and _cut(said),
        mark=mark,
        before=before,
        after=after,
        changes=_shortened(changed),
        silent=step.after is None,
        loaded=_loaded(step, pool),
    )


def _loaded(step: Frame, pool: Pool) -> Reference | None:
    """Return the tree in the bytes of an operation as a picture, if there is one."""
    if (
        not isinstance(step.operation, ops.Load)
        or (tree := messages.decoded(step.operation.bytes, step.dialect)) is None
    ):
        return None
    shown = Snapshot({}, {0: persisted(tree)}, {})
    return pool.add(shown, shown)


def _cut(said: Answers) -> Answers:
    observed, reference = (None if each is None else _shortened(each) for each in (said.observed, said.reference))
    return Answers(_shortened(said.expected), observed, reference)


def _shortened(text: str) -> str:
    return text if len(text) <= ANSWER else f"{text[:ANSWER]}\N{HORIZONTAL ELLIPSIS} ({len(text):,} characters)"
