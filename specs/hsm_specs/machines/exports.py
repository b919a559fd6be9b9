"""Declared machines as text for other tools: SCXML, Mermaid, PlantUML and a table in Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final
from xml.etree import ElementTree as ET

from hsm_model.machines.declared import MachineDeclaration, Move, Outbound, State, Timer
from hsm_specs.machines.xstate import machine_to_xstate
from hsm_specs.printable import printable, xml_text

SCXML: Final = "http://www.w3.org/2005/07/scxml"
_ESCAPED = str.maketrans({char: f"#{ord(char)};" for char in '#:;"<>&`{}%'})
"""Mermaid's entities for what would end or change a label."""
_CREOLE = re.compile(r'[\\"*~<>#|&^\[\]]|__|--|//|==|\.\.')
"""Matches the characters that PlantUML reads as markup."""
_MARKDOWN = re.compile(r"[\\`*_{}\[\]<>()#+!|&~]")
_KEYWORDS = re.compile(
    r"as|choice|class(def)?|click|default|direction|end|(start|end)uml|footer|fork|header|hide|history|join|left|legend|note"
    r"|over|right|scale|skinparam|start|state|style|title|acc(descr|title)",
    re.IGNORECASE,
)


def to_scxml(machine: MachineDeclaration) -> str:
    """Return a machine as SCXML. Names become XML names; guards are members of the data ``guards``, false at first."""
    states, events = _identifiers(machine.states), _identifiers(machine.events())
    ET.register_namespace("", SCXML)
    root = _element(None, "scxml", version="1.0", name=machine.name, initial=states[machine.initial])
    guards = dict.fromkeys(guard for event in machine.events() for guard in machine.guards(event))
    if guards:
        root.set("datamodel", "ecmascript")
        data = _element(root, "datamodel")
        _element(data, "data", id="guards", expr=json.dumps(dict.fromkeys(guards, False)))
    for name, state in machine.states.items():
        element = _element(root, "final" if state.final else "state", id=states[name])
        if state.tasks:
            entry = _element(element, "onentry")
            for task in state.tasks:
                _element(entry, "send", **_sent(task))
        for event in state.on:
            for move in state.moves(event):
                guard = {"cond": f"guards[{json.dumps(move.guard_name)}]"} if move.guard_name else {}
                _element(element, "transition", event=events[event], **guard, target=states[move.target])
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=False) + "\n"


def _element(parent: ET.Element | None, tag: str, **attributes: str) -> ET.Element:
    safe = {name: xml_text(value) for name, value in attributes.items()}
    if parent is None:
        return ET.Element(f"{{{SCXML}}}{tag}", safe)
    return ET.SubElement(parent, f"{{{SCXML}}}{tag}", safe)


def _sent(task: Timer | Outbound) -> dict[str, str]:
    if isinstance(task, Timer):
        return {"type": "timer", "event": task.type, "delay": f"{task.after / timedelta(milliseconds=1):.15g}ms"}
    return {"type": "outbound", "event": task.type, **({"target": task.destination} if task.destination else {})}


def to_mermaid(machine: MachineDeclaration) -> str:
    """Return a machine as a Mermaid state diagram."""
    return "\n".join(["stateDiagram-v2", *(f"    {line}" for line in _diagram(machine, _mermaid)), ""])


def to_plantuml(machine: MachineDeclaration) -> str:
    """Return a machine as a PlantUML state diagram."""
    title = f"title {_plantuml(machine.name)}"
    return "\n".join(["@startuml", title, "hide empty description", *_diagram(machine, _plantuml), "@enduml", ""])


def _diagram(machine: MachineDeclaration, text: Callable[[str], str]) -> Iterator[str]:
    """Yield the statements that Mermaid and PlantUML share; ``text`` escapes."""
    names = _identifiers(machine.states)
    for name, state in machine.states.items():
        if names[name] != name:
            yield f'state "{text(name)}" as {names[name]}'
        for line in (*state.description.splitlines(), *map(_started, state.tasks)):
            yield f"{names[name]} : {text(line)}"
    yield f"[*] --> {names[machine.initial]}"
    for name, event, move in _moves(machine):
        guard = f" [{move.guard_name}]" if move.guard_name else ""
        yield f"{names[name]} --> {names[move.target]} : {text(event + guard)}"
    for name, state in machine.states.items():
        if state.final:
            yield f"{names[name]} --> [*]"


def _mermaid(text: str) -> str:
    return printable(text).translate(_ESCAPED)


def _plantuml(text: str) -> str:
    return _CREOLE.sub(lambda found: "".join(f"<U+{ord(char):04X}>" for char in found[0]), printable(text))


def to_markdown(machine: MachineDeclaration) -> str:
    """Return a machine as a table of its transitions in Markdown, with a row for each terminal state."""
    rows: list[tuple[str, ...]] = [("State", "Event", "Guard", "Next state", "Starts"), ("---",) * 5]
    for name, state in machine.states.items():
        shown = _markdown(name)
        for event in state.on:
            for move in state.moves(event):
                target = machine.states[move.target]
                cells = (_markdown(each) for each in (event, move.guard_name, move.target, _all_started(target)))
                rows.append((shown, *cells))
        if not state.on:
            rows.append((shown, "", "", "*terminal*" if state.final else "*never left*", ""))
    created = f"A new machine is {_markdown(machine.initial)}"
    started = _all_started(machine.states[machine.initial])
    created += f" and starts {_markdown(started)}." if started else "."
    said = [_markdown(" ".join(machine.description.split())), ""] if machine.description.strip() else []
    table = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([f"# {_markdown(machine.name)}", "", *said, created, "", *table, ""])


def _markdown(text: str) -> str:
    return _MARKDOWN.sub(lambda found: f"\\{found[0]}", printable(text))


def _all_started(state: State) -> str:
    return "; ".join(map(_started, state.tasks))


def _started(task: Timer | Outbound) -> str:
    """Describe a task, as pictures of machines do."""
    if isinstance(task, Timer):
        return f"{task.type}, timer after {task.after}"
    return f"{task.type}, outbound to {task.destination}" if task.destination else f"{task.type}, shared queue"


def _moves(machine: MachineDeclaration) -> Iterator[tuple[str, str, Move]]:
    for name, state in machine.states.items():
        for event in state.on:
            for move in state.moves(event):
                yield name, event, move


def _identifiers(names: Iterable[str]) -> Mapping[str, str]:
    """Return an identifier for each name: the name itself if it is one and no keyword, else a similar one."""
    every = tuple(names)
    found = {
        name: name for name in every if re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) and not _KEYWORDS.fullmatch(name)
    }
    taken = set(found)
    for name in every:
        if name not in found:
            base = "_".join(["s", *re.findall(r"\w+", name, re.ASCII)])
            spare = (base, *(f"{base}_{number}" for number in range(2, len(every) + 2)))
            found[name] = next(identifier for identifier in spare if identifier not in taken)
            taken.add(found[name])
    return found


FORMATS: Mapping[str, Callable[[MachineDeclaration], str]] = {
    "xstate": machine_to_xstate,
    "scxml": to_scxml,
    "mermaid": to_mermaid,
    "plantuml": to_plantuml,
    "markdown": to_markdown,
}
SUFFIXES = {".json": "xstate", ".scxml": "scxml", ".mmd": "mermaid", ".puml": "plantuml", ".md": "markdown"}
"""The formats by the suffix of a file."""
