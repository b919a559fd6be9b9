"""The graph of runs: areas of requirements with their verdicts, and the operations that are their evidence.

The operations are those in the programs of the properties.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import networkx as nx

from hsm_diagrams.run.runs import Run, labelled
from hsm_specs.catalogue.requirements import load_areas, load_catalogue
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.verdicts import Verdict

CASES = 2
"""The number of programs of each property that are searched: the plainest and another one."""
AGREES, KNOWN, DEVIATES, UNSEEN, NOT_OFFERED = (
    "agrees",
    "known deviation",
    "deviates",
    "not exercised",
    "not offered",
)
CLASSES: Mapping[Verdict, str] = {
    Verdict.CONFORMS: AGREES,
    Verdict.AGREES: AGREES,
    Verdict.KNOWN: KNOWN,
    Verdict.DIFFERS_KNOWN: KNOWN,
    Verdict.DEVIATES: DEVIATES,
    Verdict.DIFFERS: DEVIATES,
    Verdict.OUTDATED: DEVIATES,
    Verdict.CHANGED: DEVIATES,
    Verdict.NOT_OFFERED: NOT_OFFERED,
    Verdict.NOT_EXERCISED: UNSEEN,
}
"""The classes of verdicts in a picture."""
WORST = (DEVIATES, KNOWN, UNSEEN, NOT_OFFERED, AGREES)
"""The classes in order: an area has the first one that any of its requirements has."""


def run_graph(runs: Sequence[Run]) -> nx.MultiDiGraph[str]:
    """Return the graph of one or several runs on the same requirements."""
    names = labelled(runs)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(kind="runs", implementations=names)
    judged = {judgement.requirement for run in runs for judgement in run.requirements if judgement.owed_by is None}
    catalogue = load_catalogue()
    evidence = list(_evidence([name for name in PROPERTIES if name in judged]))
    for operation in sorted({operation for operation, _ in evidence}):
        graph.add_node(f"operation {operation}", kind="operation", name=operation)
    for area, file in load_areas().items():
        verdicts = {
            name: {
                judgement.requirement: {"class": CLASSES[judgement.verdict], "cases": judgement.cases}
                for judgement in run.requirements
                if judgement.area == area and judgement.requirement in judged
            }
            for name, run in zip(names, runs, strict=True)
        }
        if any(verdicts.values()):
            graph.add_node(f"area {area}", kind="area", name=area, title=file.title, verdicts=verdicts)
    for operation, requirement in evidence:
        source, target = f"operation {operation}", f"area {catalogue[requirement].area}"
        if target in graph:
            if not graph.has_edge(source, target, "evidence"):
                graph.add_edge(source, target, key="evidence", requirements=[])
            graph.edges[source, target, "evidence"]["requirements"].append(requirement)
    return graph


def areas(graph: nx.MultiDiGraph[str]) -> list[str]:
    """Return the nodes that are areas."""
    return [node for node, data in graph.nodes(data=True) if data["kind"] == "area"]


def worst(classes: Sequence[str]) -> str:
    """Return the class of an area."""
    return next((each for each in WORST if each in classes), UNSEEN)


def operations_of(graph: nx.MultiDiGraph[str]) -> dict[tuple[str, ...], list[str]]:
    """Return the operations by the areas that they are evidence of."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for node, data in graph.nodes(data=True):
        if data["kind"] == "operation":
            groups.setdefault(tuple(sorted(graph.successors(node))), []).append(data["name"])
    return groups


def _evidence(requirements: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield the operations that are evidence of a requirement, each once."""
    for requirement in requirements:
        found = {
            str(case.program[index].__struct_config__.tag)
            for case in PROPERTIES[requirement].cases(0, CASES)
            for index in case.evidence
        }
        for operation in sorted(found):
            yield operation, requirement
