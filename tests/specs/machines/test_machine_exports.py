"""Declared machines survive XState JSON, and other formats have every state, transition and task."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.machines import (
    InState,
    MachineDeclaration,
    Move,
    Outbound,
    State,
    Timer,
    always,
    leads_to,
    sometimes,
)
from hsm_specs.cli.commands import hsmspec
from hsm_specs.cli.error_handling import guarded
from hsm_specs.errors import InputError
from hsm_specs.machines.exports import FORMATS, SCXML
from hsm_specs.machines.xstate import machine_from_xstate, machine_to_xstate

names = st.text(max_size=6) | st.sampled_from(["end", "s_end", "a b", "a-b", "s_a_b", "state", "]]>", '"', "`", "€"])
state_names = names.filter(lambda name: name and not set(name) & set("#.\\"))
events = names.filter(lambda name: name and "*" not in name)
delays = st.timedeltas(timedelta(0), timedelta(days=36500))
sends = st.lists(names, max_size=2).map(tuple)
tasks = st.builds(Timer, names, delays, sends) | st.builds(Outbound, names, names, sends)


@st.composite
def declarations(draw: st.DrawFn) -> MachineDeclaration:
    states = draw(st.lists(state_names, min_size=1, max_size=4, unique=True))
    vocabulary = draw(st.lists(events, min_size=1, max_size=3, unique=True))
    targets = st.sampled_from(states)

    def moves() -> st.SearchStrategy[tuple[Move, ...]]:
        guarded_moves = st.lists(
            st.builds(Move, targets, st.sampled_from(["g", "h i", '"'])), max_size=2, unique_by=lambda move: move.guard
        )
        last = st.lists(st.builds(Move, targets), max_size=1)
        return st.tuples(guarded_moves, last).map(lambda both: (*both[0], *both[1])).filter(bool)

    declared = {}
    for name in states:
        final = draw(st.booleans())
        declared[name] = State(
            on={} if final else draw(st.dictionaries(st.sampled_from(vocabulary), moves(), max_size=2)),
            tasks=tuple(draw(st.lists(tasks, max_size=2))),
            final=final,
            description=draw(names),
        )
    sides = st.builds(InState, targets)
    properties = st.one_of(
        targets.map(lambda state: always(f"never {state}", InState(state, wanted=False))),
        targets.map(lambda state: sometimes(f"sometimes {state}", InState(state))),
        st.tuples(sides, sides).map(lambda pair: leads_to(f"{pair[0].state} leads to {pair[1].state}", *pair)),
    )
    order = ("always", "sometimes", "leads_to")
    expected = sorted(draw(st.lists(properties, max_size=3)), key=lambda each: order.index(each.kind))
    return MachineDeclaration(
        draw(names.filter(bool)), draw(targets), declared, draw(names), properties=tuple(expected)
    )


ORDER = MachineDeclaration(
    name="order",
    initial="Created",
    states={
        "Created": State(
            on={"Pay": (Move("In progress", "in stock"), Move("Created"))},
            tasks=(Timer("Expire", timedelta(hours=1)), Outbound("Notify")),
        ),
        "In progress": State(on={"Ship": "Done"}, tasks=(Outbound("Ship", "warehouse"),), description="Being packed"),
        "Done": State(final=True),
    },
)


@given(declarations())
def test_a_machine_survives_xstate_json(machine):
    text = machine_to_xstate(machine)
    again = machine_from_xstate(text.encode("utf-8", "backslashreplace"), "file.json", "other")
    assert machine == again
    assert text == machine_to_xstate(again)


@given(declarations())
def test_scxml_has_every_transition_guard_and_task(machine):
    root = ET.fromstring(FORMATS["scxml"](machine))  # noqa: S314  # our own
    ids = [element.get("id") for element in root if element.tag != f"{{{SCXML}}}datamodel"]
    assert len(machine.states) == len(set(ids))
    assert all(re.fullmatch(r"[A-Za-z]\w*", identifier, re.ASCII) for identifier in ids)
    assert ids[list(machine.states).index(machine.initial)] == root.get("initial")
    elements = [element for element in root if element.get("id") in ids and element.tag != f"{{{SCXML}}}datamodel"]
    for element, state in zip(elements, machine.states.values(), strict=True):
        assert state.final == (element.tag == f"{{{SCXML}}}final")
        expected = [
            (ids[list(machine.states).index(move.target)], f"guards[{json.dumps(move.guard)}]" if move.guard else None)
            for event in state.on
            for move in state.moves(event)
        ]
        assert expected == [(e.get("target"), e.get("cond")) for e in element.findall(f"{{{SCXML}}}transition")]
        sent = element.findall(f"{{{SCXML}}}onentry/{{{SCXML}}}send")
        assert ["timer" if isinstance(task, Timer) else "outbound" for task in state.tasks] == [
            each.get("type") for each in sent
        ]


@given(declarations(), st.sampled_from(["mermaid", "plantuml"]))
def test_diagrams_have_one_line_for_each_transition_and_nothing_that_ends_it(machine, wanted):
    lines = FORMATS[wanted](machine).splitlines()
    count = sum(len(state.moves(event)) for state in machine.states.values() for event in state.on)
    finals = sum(state.final for state in machine.states.values())
    arrows = [re.fullmatch(r" *(\w+|\[\*\]) --> (\w+|\[\*\])( : .*)?", line) for line in lines if " --> " in line]
    drawn = [arrow for arrow in arrows if arrow]
    assert count + finals + 1 == len(drawn)
    assert count == sum(arrow[3] is not None for arrow in drawn)
    if wanted == "mermaid":
        assert not [arrow for arrow in drawn if re.search(r"[:;]", re.sub(r"#\d+;", "", (arrow[3] or " : ")[3:]))]


@given(declarations())
def test_every_row_of_the_table_has_five_cells(machine):
    rows = [line for line in FORMATS["markdown"](machine).splitlines() if line.startswith("| ")]
    count = sum(len(state.moves(event)) for state in machine.states.values() for event in state.on)
    alone = sum(not state.on for state in machine.states.values())
    assert 2 + count + alone == len(rows)
    assert {6} == {len(re.findall(r"(?<!\\)\|", re.sub(r"\\\\", "", row))) for row in rows}


def test_a_machine_reads_well_in_each_format():
    assert ["    Created --> s_In_progress : Pay [in stock]"] == [
        line for line in FORMATS["mermaid"](ORDER).splitlines() if "stock" in line
    ]
    assert 'state "In progress" as s_In_progress' in FORMATS["plantuml"](ORDER)
    assert "Created : Expire, timer after 1:00:00" in FORMATS["plantuml"](ORDER)
    assert "| Created | Pay | in stock | In progress | Ship, outbound to warehouse |" in FORMATS["markdown"](ORDER)
    assert "| Done |  |  | *terminal* |  |" in FORMATS["markdown"](ORDER)
    assert '<send type="timer" event="Expire" delay="3600000ms" />' in FORMATS["scxml"](ORDER)


@pytest.mark.parametrize(
    ("state", "event", "said"),
    [
        ("a.b", "e", "states: the name `a.b` is not supported"),
        ("#a", "e", "states: the name `#a` is not supported"),
        ("__proto__", "e", "states: the name `__proto__` is not supported"),
        ("A", "x.*", "states.A.on: `x.*` is not supported"),
        ("A", "xstate.done", "states.A.on: `xstate.done` is not supported"),
    ],
)
def test_names_with_another_meaning_in_xstate_are_refused(state, event, said):
    with pytest.raises(InputError) as refused:
        machine_to_xstate(MachineDeclaration("order", state, {state: State(on={event: state})}))
    assert said in str(refused.value)


def test_a_file_converts_by_the_name_of_the_output(tmp_path, capsys):
    source = tmp_path / "order.json"
    source.write_text(machine_to_xstate(ORDER), "utf-8")
    target = tmp_path / "order.md"
    assert 0 == guarded(hsmspec, ["machine", "convert", str(source), "--output", str(target)])
    assert FORMATS["markdown"](machine_from_xstate(source.read_bytes(), "", "")) == target.read_text("utf-8")
    capsys.readouterr()
    assert 0 == guarded(hsmspec, ["machine", "convert", str(source)])
    assert machine_to_xstate(ORDER) == capsys.readouterr().out


def test_a_machine_that_is_written_in_code_is_not_converted(capsys):
    assert 2 == guarded(hsmspec, ["machine", "convert", "callback"])
    assert "The machine `callback` is not declared as data" in capsys.readouterr().err
    assert 2 == guarded(hsmspec, ["machine", "convert", "hsm_model.machines:CALLBACK", "--output", "x.txt"])
    assert "does not say which format" in capsys.readouterr().err


def test_a_guard_that_is_a_function_is_exported_by_its_name():
    def in_stock(data):
        return True

    states = {"A": State(on={"Pay": (Move("B", in_stock), Move("A"))}), "B": State(final=True)}
    assert '"guard": "in_stock"' in machine_to_xstate(MachineDeclaration("m", "A", states))


def test_what_a_move_does_to_data_has_no_xstate_json():
    states = {"A": State(on={"Pay": (Move("B", update=lambda data: data),)}), "B": State(final=True)}
    with pytest.raises(InputError, match=r"states\.A\.on\.Pay: what the move does to the data is a function"):
        machine_to_xstate(MachineDeclaration("m", "A", states))


def test_a_property_that_is_a_function_has_no_xstate_json():
    states = {"A": State(final=True)}
    own = MachineDeclaration("m", "A", states, properties=(always("mine", lambda machine: True),))
    with pytest.raises(InputError, match="the property `mine` is a function"):
        machine_to_xstate(own)
