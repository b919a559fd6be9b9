"""The drawing of the life of a node, and its picture."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, ids_of, strong, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.life.edges import Edge, bundles, failing_loops, requirements_of, words_of
from hsm_diagrams.life.graph import ABSENT, INSIDE, life_graph
from hsm_specs.installed import installed_version

if TYPE_CHECKING:
    import networkx as nx

REST = "at rest"
"""The title of the frame around the phases that a transition can begin in and is rolled back to."""
EVERYWHERE = "(everywhere)"
"""The key of the box for operations that always fail and change nothing."""


def life_drawing(graph: nx.MultiDiGraph[str], made_by: str) -> Drawing:
    """Draw the graph of a node's life."""
    edges: list[Edge] = list(graph.edges(data=True))
    everywhere = _everywhere(graph, edges)
    moves = list(_moves(edges))
    resting = _resting(moves)
    below = [Arrow(source=ABSENT, target=EVERYWHERE, lines=(), role=Role.HIDDEN)] if everywhere else []
    arrows = [*_by_group(moves, resting), *failing_loops(edges, everywhere, "{}: undone", (22, 26)), *below]
    return Drawing(
        name=graph.graph["name"],
        title=graph.graph["title"],
        caption=[
            f"Made from the model by {made_by}: {graph.graph['executions']} executions of {graph.graph['trials']}"
            f" operations in all {graph.graph['states']} states of {graph.graph['scope']}.",
            " ".join(_reading(arrows)),
        ],
        description=" ".join(_in_words(graph)),
        boxes=[
            *(
                replace(phase_box(phase, data), group=REST if phase in resting else "")
                for phase, data in graph.nodes(data=True)
            ),
            *_everywhere_box(edges, everywhere),
        ],
        arrows=arrows,
        close=True,
    )


def phase_box(phase: str, data: Mapping[str, Any], role: Role = Role.STATE) -> Box:
    """Return the box of a phase, with the values that the node's methods return in it."""
    lines = [Line(phase, strong=True, large=True), *(line for fact in phase_facts(data) for line in wrapped(fact, 32))]
    return Box(key=phase, lines=lines, role=Role.UNREACHABLE if phase == ABSENT else role, hint=f"the node is {phase}")


def phase_facts(data: Mapping[str, Any]) -> Iterator[str]:
    """Yield what the methods return in the states of a phase, and what functions see."""
    if data["counts"]:
        yield f"TransitionCount() {_range(data['counts'])}"
        yield f"Dirty() {', '.join(str(dirty).lower() for dirty in data['dirty'])}"
        yield f"Outputs() {_range(data['outputs']) if any(data['outputs']) else 'none'}"
    if data["saw"]:
        yield "the transition function sees"
        yield from data["saw"]
    if data["endings"]:
        yield f"rolled back if {' or '.join(data['endings'])}"


def _range(numbers: Sequence[int]) -> str:
    """Return the range of the numbers, open above: the scope's limit is arbitrary."""
    if len(numbers) == 1:
        return str(numbers[0])
    return f"{numbers[0]} or more"


def _moves(edges: Sequence[Edge]) -> Iterator[Arrow]:
    """Yield the moves between phases, and one arrow back from a failed function to each phase before it."""
    for (source, target, outcome), bundle in bundles(edges).items():
        failed = outcome == "failed"
        words = words_of(bundle)
        requirements = requirements_of(bundle)
        said = ["rolled back"] if failed and source == INSIDE else words
        yield Arrow(
            source=source,
            target=target,
            lines=[*strong(said, 14), *ids_of(requirements, 26)],
            role=Role.FAILED if failed else Role.SUCCESS,
            requirements=requirements,
            hint=f"{', '.join(words)}: from {source} to {target}, {sum(data['count'] for data in bundle)} executions",
        )


def _resting(moves: Sequence[Arrow]) -> Sequence[str]:
    """Return the phases that a transition can begin in and is rolled back to, if there are several."""
    beginning = [arrow.source for arrow in moves if arrow.target == INSIDE and arrow.role is Role.SUCCESS]
    back = {arrow.target for arrow in moves if arrow.source == INSIDE and arrow.role is Role.FAILED}
    resting = [phase for phase in beginning if phase in back]
    return resting if len(resting) > 1 else ()


def _by_group(moves: Sequence[Arrow], resting: Sequence[str]) -> Iterator[Arrow]:
    """Yield the moves, with one arrow for those from all phases at rest into a transition, and one for the way back."""
    there = [arrow for arrow in moves if arrow.target == INSIDE and arrow.source in resting]
    back = [
        arrow for arrow in moves if arrow.source == INSIDE and arrow.role is Role.FAILED and arrow.target in resting
    ]
    yield from (arrow for arrow in moves if arrow not in there and arrow not in back)
    # Between the ends of the arrow of success, all three are short.
    near = {arrow.target for arrow in moves if arrow.source == INSIDE and arrow.role is Role.SUCCESS}
    for alike, out in ((there, True), (back, False)):
        if alike:
            yield replace(
                next((arrow for arrow in alike if near & {arrow.source, arrow.target}), alike[0]),
                requirements=list(dict.fromkeys(name for arrow in alike for name in arrow.requirements)),
                hint="; ".join(arrow.hint for arrow in alike),
                from_group=out,
                to_group=not out,
            )


def _everywhere(graph: nx.MultiDiGraph[str], edges: Sequence[Edge]) -> dict[str, Mapping[str, Any]]:
    """Return the operations that fail and change nothing in every phase of an existing node, by name."""
    there = set(graph) - {ABSENT, INSIDE}
    found: dict[str, dict[str, Mapping[str, Any]]] = {}
    for source, target, data in edges:
        if source == target and data["outcome"] == "failed":
            found.setdefault(data["words"], {})[source] = data
    return {words: next(iter(by.values())) for words, by in found.items() if by.keys() == there}


def _everywhere_box(edges: Sequence[Edge], everywhere: Mapping[str, Mapping[str, Any]]) -> Iterator[Box]:
    if not everywhere:
        return
    lines = wrapped("fails and changes nothing in any phase", 28)
    for words, data in everywhere.items():
        lines += [*strong([words], 28), *wrapped(", ".join(data["answers"]), 28), *ids_of(data["requirements"], 26)]
    requirements = list(dict.fromkeys(name for data in everywhere.values() for name in data["requirements"]))
    yield Box(key=EVERYWHERE, lines=lines, role=Role.REJECTED, requirements=requirements)


def _reading(arrows: Sequence[Arrow]) -> Iterator[str]:
    yield "Boxes are phases of a node, with what its methods return; arrows are operations."
    if any(arrow.role is Role.FAILED for arrow in arrows):
        yield "Red: failed, and put the node back where it was."


def _in_words(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    yield "The life of a node."
    for phase, data in graph.nodes(data=True):
        moves = dict.fromkeys(
            f"{edge['words']} {'fails and leads back to' if edge['outcome'] == 'failed' else 'leads to'} {target}"
            for _, target, edge in graph.out_edges(phase, data=True)
            if target != phase
        )
        facts = ", ".join(phase_facts(data))
        yield f"{phase}{f' ({facts})' if facts else ''}: {', '.join(moves) or 'nothing leads out'}."


def life_picture() -> Picture:
    """Return the picture of the life of a node under the specification."""
    graph = life_graph()
    return Picture(graph, life_drawing(graph, f"hsmspec {installed_version()}"))
