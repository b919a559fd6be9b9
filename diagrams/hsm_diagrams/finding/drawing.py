"""The drawing of a finding: trees before and after an operation, each node with its state."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hsm_diagrams.drawing.drawing import Arrow, Box, Drawing, Line, Role, wrapped
from hsm_diagrams.drawing.pictures import Picture
from hsm_diagrams.finding.graph import AFTER, BEFORE, finding_graph
from hsm_specs.installed import installed_version
from hsm_specs.report.rendering import program_lines
from hsm_specs.results.findings import Finding, load

if TYPE_CHECKING:
    import networkx as nx

    from hsm_diagrams.play.played import Played

OPERATION, EXPECTED, OBSERVED, NOTHING = "operation", "expected", "observed", "after nothing"
LINES = 14
"""The maximum number of lines of a box."""
WIDTH = 60
ROLES = {"same": Role.STATE, "added": Role.ADDED, "removed": Role.REMOVED, "changed": Role.CHANGED}
SIGNS = {"same": "", "added": "+ ", "removed": "\N{MINUS SIGN} ", "changed": "\N{PLUS-MINUS SIGN} "}


def finding_drawing(graph: nx.MultiDiGraph[str], finding: Finding, made_by: str) -> Drawing:
    """Draw a finding."""
    index = finding.where[0]
    titles = {BEFORE: f"before operation {index + 1}", AFTER: f"after operation {index + 1}, as expected"}
    boxes = [_box(key, data, graph.graph["states"], titles) for key, data in graph.nodes(data=True)]
    if not any(data["moment"] == AFTER for _, data in graph.nodes(data=True)):
        boxes.append(
            Box(key=NOTHING, lines=[Line("the specification leaves it open")], role=Role.UNSEEN, group=titles[AFTER])
        )
    held = (
        f"the specification as amended by {', '.join(finding.amendments)}"
        if finding.amendments
        else "the specification"
    )
    return Drawing(
        name=finding.id,
        title=f"{finding.requirement}: {finding.implementation} {finding.version}".rstrip(),
        caption=[
            finding.statement,
            f"Made by {made_by} from the finding {finding.id} (seed {finding.seed}): its {len(finding.program)}"
            f" operations, run on {held}.",
            " ".join(_reading(graph)),
        ],
        description=" ".join(_in_words(graph, finding)),
        boxes=[*boxes, *_answers(finding)],
        arrows=[*_arrows(graph, finding)],
    )


def _box(key: str, data: Mapping[str, Any], states: Sequence[str], titles: Mapping[str, str]) -> Box:
    place = "/".join(f"{type_id}:{machine_id}" for type_id, machine_id in data["path"][-1:]) or "root"
    handle = f" ({data['handle']})" if data["handle"] else ""
    differing = data["differing"]
    others = f"of {', '.join(states)}" if len(states) > 1 else "(only one seen)"
    facts = {
        "state": f"state {data['state']} {others}",
        "value": f"value {data['value']}" if data["value"] not in ("", "0") or "value" in differing else "",
        "transitions": f"count {data['transitions']}",
        "dirty": "dirty" if data["dirty"] else "clean",
        "outputs": f"{data['outputs']} output{'' if data['outputs'] == 1 else 's'}" if data["dirty"] else "",
    }
    lines = [
        Line(SIGNS[data["change"]] + place + handle, strong=True, large=True),
        Line(facts.pop("state"), strong=True),
    ]
    if "state" in differing:
        lines.append(Line(f"was in {differing['state'][0]}", strong=True))
    plain = [text for name, text in facts.items() if text and name not in differing]
    lines += [
        Line(f"{facts[name] or name}, was {_was(name, was)}", strong=True)
        for name, (was, _) in differing.items()
        if name != "state"
    ]
    if plain:
        lines.append(Line(", ".join(plain)))
    return Box(key=key, lines=lines, role=ROLES[data["change"]], group=titles[data["moment"]], hint=f"{key}")


def _was(name: str, was: object) -> str:
    if name == "dirty":
        return "dirty" if was else "clean"
    return str(was)


def _answers(finding: Finding) -> Iterator[Box]:
    """Yield the boxes of the operation, of the expected and of the observed results."""
    written = list(program_lines(finding.program, finding.expected, finding.observed, finding.where, WIDTH))
    program = [line for line in written if line.style not in ("expected", "observed")]
    yield Box(
        key=OPERATION,
        lines=_end([Line(_indented(line.text), strong=line.style == "mark") for line in program]),
        role=Role.SAME,
        requirements=[finding.requirement],
        hint=finding.statement,
        flush=True,
    )
    for key, role in ((EXPECTED, Role.AGREES), (OBSERVED, Role.DEVIATES)):
        said = " ".join(line.text.strip() for line in written if line.style == key)
        where, _, text = said.partition(": ")
        lines = [Line(where, strong=True, large=True), *(wrapped(text, 40) or [Line("nothing")])]
        yield Box(key=key, lines=_cut(lines), role=role, requirements=[finding.requirement])


def _cut(lines: Sequence[Line]) -> list[Line]:
    if len(lines) <= LINES:
        return list(lines)
    return [*lines[: LINES - 1], Line(f"\N{HORIZONTAL ELLIPSIS} {len(lines) - LINES + 1} more lines")]


def _end(lines: Sequence[Line]) -> list[Line]:
    """Return the last lines of a program."""
    if len(lines) <= LINES:
        return list(lines)
    return [Line(f"\N{HORIZONTAL ELLIPSIS} {len(lines) - LINES + 1} lines before"), *lines[1 - LINES :]]


def _indented(text: str) -> str:
    """Indent a line of a program with no-break spaces: graphviz drops others."""
    code = text.removeprefix(">").lstrip()
    return "\N{NO-BREAK SPACE}" * (len(text) - len(code) - 2) + code


def _arrows(graph: nx.MultiDiGraph[str], finding: Finding) -> Iterator[Arrow]:
    for source, target in graph.edges():
        yield Arrow(source=source, target=target, lines=(), role=Role.SUCCESS)
    subject = f"n{getattr(finding.program[finding.where[0]], 'node', '')}"
    for key, data in graph.nodes(data=True):
        if data["moment"] == BEFORE and data["handle"] == subject:
            yield Arrow(source=key, target=OPERATION, lines=[Line("of this node")], role=Role.REJECTED)
        elif data["moment"] == BEFORE and not graph.out_degree(key):
            yield Arrow(source=key, target=OPERATION, lines=(), role=Role.HIDDEN)
    roots = [key for key, data in graph.nodes(data=True) if data["moment"] == AFTER and not data["path"]]
    for target in roots or [NOTHING]:
        yield Arrow(source=OPERATION, target=target, lines=(), role=Role.HIDDEN)
    for target in (EXPECTED, OBSERVED):
        yield Arrow(source=OPERATION, target=target, lines=(), role=Role.SUCCESS)


def _reading(graph: nx.MultiDiGraph[str]) -> Iterator[str]:
    yield "Boxes are nodes, each with the state of its machine among all states that were seen."
    changes = {data["change"] for _, data in graph.nodes(data=True)} - {"same"}
    if changes:
        yield "\N{PLUS-MINUS SIGN}, + and \N{MINUS SIGN}: what the operation is expected to change."
    elif any(data["moment"] == AFTER for _, data in graph.nodes(data=True)):
        yield "The operation is expected to change nothing."


def _in_words(graph: nx.MultiDiGraph[str], finding: Finding) -> Iterator[str]:
    yield f"{finding.requirement}: {finding.statement}"
    for box in _answers(finding):
        yield f"{box.key}: {' '.join(line.text.strip() for line in box.lines if line.text != box.key)}."
    for key, data in graph.nodes(data=True):
        yield f"{key}: state {data['state']}, count {data['transitions']}, {'dirty' if data['dirty'] else 'clean'}."


def finding_picture(path: Path) -> Picture:
    """Return the picture of a saved finding. Raise `InputError` if the file is not one."""
    return picture_of(load(path))


def picture_of(finding: Finding) -> Picture:
    """Return the picture of a finding."""
    graph = finding_graph(finding)
    drawing = finding_drawing(graph, finding, f"hsmspec {installed_version()}")
    boxes = {box.key: number for number, box in enumerate(drawing.boxes, 1)}

    def play() -> Played:
        # Imported here because other formats need no templates.
        from hsm_diagrams.finding.played import played_finding  # noqa: PLC0415

        return played_finding(finding, boxes)

    return Picture(graph, drawing, play=play)
