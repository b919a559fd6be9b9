"""The drawing of the life of a task, and its picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hsm_diagrams.difference.picture import SPECIFIED, Ruled, find_side
from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, ids_of, strong, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.life.edges import Edge, bundles, failing_loops, requirements_of, words_of
from hsm_diagrams.life.task import (
    ABSENT,
    ASKED,
    DONE,
    DROPPED,
    DUE,
    REGENERATED,
    RUNNING,
    STORED,
    STUCK,
    WAITING,
    task_graph,
)
from hsm_model.framework.semantics import framework_rules
from hsm_specs.errors import InputError
from hsm_specs.installed import installed_version

if TYPE_CHECKING:
    import networkx as nx

QUEUED = {
    STORED: "in the outbound queue",
    WAITING: "a timer, before its deadline",
    DUE: "a timer, from its deadline on",
    ASKED: "inside of the access",
    RUNNING: "its executor is called",
    REGENERATED: "the machine says again what its state calls for",
    STUCK: "stored, but no queue will deliver it",
    DONE: "gone from its queue",
    DROPPED: "gone, and was not executed",
}
"""The sentences under the names of phases."""
ROLES = {ABSENT: Role.UNREACHABLE, DONE: Role.TERMINAL, DROPPED: Role.TERMINAL, STUCK: Role.REJECTED}


def task_drawing(graph: nx.MultiDiGraph[str], made_by: str, under: str) -> Drawing:
    """Draw the graph of a task's life. ``under`` names the rules, and is empty for the specification."""
    edges: list[Edge] = list(graph.edges(data=True))
    everywhere = _everywhere(edges)
    return Drawing(
        name="-".join([graph.graph["name"], *under.split()]),
        title=f"{graph.graph['title']}{f' in {under}' * bool(under)}",
        caption=[
            f"Made from the model by {made_by}: {graph.graph['executions']} executions in {graph.graph['states']}"
            " states of a workflow with one machine.",
            "Boxes are phases of a task, arrows are what happens to it. Red: something failed. In every phase this"
            f" changes nothing: {'; '.join(everywhere)}.",
        ],
        description=" ".join(_in_words(graph)),
        boxes=[_box(phase, edges, everywhere) for phase in graph],
        arrows=[*_moves(edges), *failing_loops(edges, everywhere, "{}", (26, 30))],
        close=True,
    )


def _box(phase: str, edges: Sequence[Edge], everywhere: Sequence[str]) -> Box:
    """Return the box of a phase, with what it means and what changes nothing."""
    lines = [Line(phase, strong=True, large=True)]
    if phase in QUEUED:
        lines += wrapped(QUEUED[phase], 30)
    same = [data["words"] for a, b, data in edges if a == b == phase and data["outcome"] == "success"]
    told = [words for words in dict.fromkeys(same) if words not in everywhere]
    if told:
        lines += wrapped(f"the same after: {', '.join(told)}", 30)
    return Box(key=phase, lines=lines, role=ROLES.get(phase, Role.STATE), hint=f"the task is {phase}")


def _everywhere(edges: Sequence[Edge]) -> list[str]:
    """Return what changes nothing in any phase of several that it is tried in."""
    tried: dict[str, list[bool]] = {}
    for source, target, data in edges:
        tried.setdefault(data["words"], []).append(source == target)
    return [words for words, same in tried.items() if all(same) and len(same) > 1]


def _moves(edges: Sequence[Edge]) -> Iterator[Arrow]:
    """Yield one arrow for all that leads from one phase to another with the same outcome."""
    for (source, target, outcome), bundle in bundles(edges).items():
        words = words_of(bundle)
        requirements = requirements_of(bundle)
        yield Arrow(
            source=source,
            target=target,
            lines=[*strong(words, 26), *ids_of(requirements, 30)],
            role=Role.FAILED if outcome == "failed" else Role.SUCCESS,
            requirements=requirements,
            hint=f"{'; '.join(words)}: from {source} to {target}, {sum(data['count'] for data in bundle)} executions",
        )


def _in_words(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    yield "The life of a task."
    for phase in graph:
        moves = dict.fromkeys(
            f"{edge['words']} {'fails and leads to' if edge['outcome'] == 'failed' else 'leads to'} {target}"
            for _, target, edge in graph.out_edges(phase, data=True)
            if target != phase
        )
        yield f"{phase}: {', '.join(moves) or 'nothing leads out'}."


def task_picture(under: str = SPECIFIED) -> Picture:
    """Return the picture of the life of a task under a specification, named as for `hsmspec diagram diff`.

    Raise `InputError` for a machine, or a name that is none.
    """
    side = find_side(under)
    if not isinstance(side, Ruled):
        raise InputError(
            f"`{under}` is a machine.", remedy="Name the specification, an amendment, or a file of deviations."
        )
    graph = task_graph(framework_rules(side.semantics))
    named = "" if under == SPECIFIED else side.name
    return Picture(graph, task_drawing(graph, f"hsmspec {installed_version()}", named))
