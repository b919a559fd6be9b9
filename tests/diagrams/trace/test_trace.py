"""``hsmspec diagram trace``: observed machines with counts, their comparison with a machine, and sequence charts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from hsm_specs.cli import main

HEADER = {"hsmspec": 1, "world": "open"}
CALLBACK = "callbacks.Callback"
INVOCATION = ["callbacks.Invocation", "", "https://caller.example"]
BACKOFF = ["callbacks.Backoff", "", 5]


def transition(sources, destination, source, tasks=(), saw=None, function_fails=False):
    """Return a line for a transition of node 1 from a state."""
    after = {"ok": list(tasks)} if saw is None else saw
    declared = {"sources": sources, "destination": destination}
    ops = [
        {"op": "read_machine", "machine": 0},
        {"op": "apply", "machine": 0, "transition": declared, "script": {"tasks": list(tasks)}},
    ]
    script = {"ops": ops, "tasks": list(tasks)}
    ok = saw is None and not function_fails
    outer = {"ok": None} if ok else {"error": "user_1"}
    return {
        "op": {"op": "machine_transition", "node": 1, "machine": 0, "script": script},
        "saw": {**outer, "inner": [{"ok": [source, "v"]}, after]},
    }


BEGINNING = [
    {"op": {"op": "new_root", "type": "workflow", "data": ["", ""], "bind": 0}, "saw": {"ok": None}},
    {
        "op": {"op": "add_child", "node": 0, "key": [CALLBACK, "a"], "data": ["Standby", "v"], "bind": 1},
        "saw": {"ok": None},
    },
]
SCHEDULE = transition(["Standby"], "Scheduled", "Standby", [INVOCATION])
BACK_OFF = transition(["Scheduled"], "BackingOff", "Scheduled", [BACKOFF])


@pytest.fixture
def drawn(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., str]:
    def draw(lines, *arguments: str, name: str = "", exit_code: int = 0) -> str:
        """Return what the command writes: the picture, or the error."""
        file = tmp_path / "trace.jsonl"
        named = [{**line, "trace": name} if name else line for line in lines]
        file.write_text("".join(json.dumps(line) + "\n" for line in [HEADER, *named]))
        with pytest.raises(SystemExit) as ended:
            main(["diagram", "trace", str(file), *arguments])
        assert exit_code == (ended.value.code or 0)
        written = capsys.readouterr()
        return written.err if exit_code else written.out

    return draw


def edges(graph, kind="transition"):
    return [
        (edge["source"].removeprefix(f"{CALLBACK}: "), edge["target"].removeprefix(f"{CALLBACK}: "), edge)
        for edge in graph["edges"]
        if edge["kind"] == kind
    ]


def observed(drawn, lines, *arguments):
    return json.loads(drawn([*BEGINNING, *lines], "--type", CALLBACK, "--format", "json", *arguments))


def test_moves_are_counted_with_their_tasks(drawn):
    again = transition(["BackingOff"], "Scheduled", "BackingOff", [INVOCATION])
    graph = observed(drawn, [SCHEDULE, BACK_OFF, again, BACK_OFF])
    counts = {(source, target): (edge["count"], edge["tasks"]) for source, target, edge in edges(graph)}
    expected = {
        ("Standby", "Scheduled"): (1, {"callbacks.Invocation": 1}),
        ("Scheduled", "BackingOff"): (2, {"callbacks.Backoff": 2}),
        ("BackingOff", "Scheduled"): (1, {"callbacks.Invocation": 1}),
    }
    assert expected == counts


@pytest.mark.parametrize(
    ("line", "target", "outcome"),
    [
        (
            transition(["Scheduled"], "BackingOff", "Standby", saw={"error": "invalid_transition"}),
            "Standby",
            "rejected",
        ),
        (transition(["Standby"], "Scheduled", "Standby", saw={"error": "user_1"}), "Standby", "failed"),
        (
            transition(["Standby"], "Scheduled", "Standby", [INVOCATION], function_fails=True),
            "Scheduled",
            "rolled back",
        ),
    ],
)
def test_what_does_not_succeed_is_an_edge_and_leaves_no_state(drawn, line, target, outcome):
    graph = observed(drawn, [line])
    assert [("Standby", target, outcome)] == [(a, b, edge["outcome"]) for a, b, edge in edges(graph)]
    assert ["Standby"] == graph["graph"]["machines"][CALLBACK]["never_left"]
    assert {} == graph["graph"]["never_executed"]


def test_a_transition_that_was_rolled_back_goes_on_from_the_state_before(drawn):
    failing = transition(["Standby"], "Scheduled", "Standby", [INVOCATION], function_fails=True)
    unread = json.loads(json.dumps(SCHEDULE))
    del unread["op"]["script"]["ops"][0], unread["saw"]["inner"][0]
    graph = observed(drawn, [failing, unread])
    assert {"Standby"} == {source for source, *_ in edges(graph)}


def test_a_state_that_a_function_sets_itself_is_an_edge_without_a_transition(drawn):
    line = {
        "op": {
            "op": "machine_transition",
            "node": 1,
            "machine": 0,
            "script": {"ops": [{"op": "set_state", "machine": 0, "state": "Failed"}], "tasks": [BACKOFF]},
        },
        "saw": {"ok": None, "inner": [{"ok": None}]},
    }
    [(source, target, edge)] = edges(observed(drawn, [line]))
    assert ("Standby", "Failed", "set by the function") == (source, target, edge["transition"])
    assert {"callbacks.Backoff": 1} == edge["tasks"]


def test_figures_name_what_was_never_tried_from_a_declared_source(drawn):
    machine = observed(drawn, [transition(["Standby", "Failed"], "Scheduled", "Standby", [INVOCATION])])["graph"]
    assert ["to Scheduled from Failed"] == machine["machines"][CALLBACK]["untried_sources"]
    asked = {"op": "possible", "machine": 0, "transition": {"sources": ["A"], "destination": "B"}}
    made = {"op": {"op": "state_machine", "machine": 0, "data": ["A", ""]}, "saw": {"ok": None}}
    graph = json.loads(drawn([made, {"op": asked, "saw": {"ok": True}}], "--format", "json"))
    assert ["to B"] == graph["graph"]["machines"]["(in no tree)"]["never_tried"]


def test_tasks_are_never_executed_until_an_execution_of_their_type_succeeds(drawn):
    def execution(saw):
        return {"op": {"op": "execute", "task": INVOCATION, "ref": {"path": []}}, "saw": saw}

    failed = observed(drawn, [SCHEDULE, BACK_OFF, execution({"error": "user_1"})])["graph"]
    assert {"callbacks.Invocation": 1, "callbacks.Backoff": 1} == failed["never_executed"]
    done = observed(drawn, [SCHEDULE, BACK_OFF, execution({"ok": None})])["graph"]
    assert {"callbacks.Backoff": 1} == done["never_executed"]


def test_coverage_counts_the_machines_states_and_edges(drawn):
    graph = observed(drawn, [SCHEDULE, BACK_OFF], "--machine", "callback")["graph"]
    assert (3, 6, 2, 5) == tuple(graph[name] for name in ("states_covered", "states", "edges_covered", "edges"))
    assert [] == graph["unknown"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            transition(["Succeeded"], "Standby", "Succeeded"),
            ["Succeeded is left to Standby although it is terminal"],
        ),
        (transition(["Standby"], "Asleep", "Standby"), ["state Asleep", "Standby is left to Asleep"]),
        (
            transition(["Standby"], "Scheduled", "Standby", [BACKOFF]),
            ["Standby to Scheduled emits callbacks.Backoff"],  # it emits an invocation only with some variants
        ),
        (transition(["Scheduled"], "BackingOff", "Scheduled"), ["Scheduled to BackingOff lacks callbacks.Backoff"]),
    ],
)
def test_what_the_machine_does_not_have_is_named(drawn, line, expected):
    assert expected == observed(drawn, [line], "--machine", "callback")["graph"]["unknown"]


def test_transitions_have_the_machines_names(drawn):
    assert "AttemptFailed" in drawn([*BEGINNING, SCHEDULE, BACK_OFF], "--machine", "callback", "--format", "mermaid")


@pytest.mark.parametrize("output_format", ["svg", "dot", "mermaid"])
def test_all_types_are_in_one_picture(drawn, output_format):
    root = {"op": {"op": "new_root", "type": "workflow", "data": ["Running", ""], "bind": 0}, "saw": {"ok": None}}
    picture = drawn([root, BEGINNING[1], SCHEDULE], "--format", output_format, "--output", "-")
    assert "workflow" in picture
    assert "Running" in picture
    assert "Scheduled" in picture
    assert "emits callbacks.Invocation" in picture


def test_a_sequence_chart_has_the_operations_in_their_order(drawn):
    failing = transition(["Scheduled"], "BackingOff", "Scheduled", [BACKOFF], function_fails=True)
    chart = drawn([*BEGINNING, SCHEDULE, failing], "--sequence", "--format", "mermaid", name="a;b#1")
    lines = [line.strip() for line in chart.splitlines()]
    assert "sequenceDiagram" == lines[0]
    assert "accTitle: The trace a#59;b#35;1" == lines[1]
    assert [
        "p0->>p1: new",
        "p0->>p2: new: Standby",
        "p0->>p2: transition: Standby, then Scheduled",
        "Note over p2: emits callbacks.Invocation",
        "p0-xp2: transition: Scheduled, then BackingOff fails: user_1",
        "Note over p2: emits callbacks.Backoff, rolled back",
    ] == lines[5:]


def test_the_svg_of_a_sequence_chart_is_xml_with_any_names(drawn):
    lines = json.loads(json.dumps([*BEGINNING, SCHEDULE]).replace(CALLBACK, "<&>"))
    root = ElementTree.fromstring(drawn(lines, "--sequence", "--output", "-"))  # noqa: S314  # made here
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"test", "<&> a", "transition: Standby, then Scheduled"} <= set(texts)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--type", "callback"], "no machine of type `callback`"),
        (["--sequence", "--trace", "other"], "no trace `other`"),
        (["--sequence", "--format", "png", "--output", "-"], "A sequence chart is SVG, Mermaid or JSON"),
        (["--trace", "a"], "`--trace` chooses"),
        (["--machine", "nobody"], "no machine `nobody`"),
    ],
)
def test_what_is_not_there_is_an_error_in_words(drawn, arguments, said):
    assert said in drawn([*BEGINNING, SCHEDULE], *arguments, exit_code=2)


def test_a_line_that_is_not_understood_is_named_by_its_place(drawn):
    assert "trace.jsonl:2 is no operation of a trace" in drawn(
        [{"op": {"op": "new_root"}, "saw": {"ok": None}}], exit_code=2
    )


def judged(cli, tmp_path, lines, *options):
    """Return the exit code of `hsmspec judge --machine callback`, and the rules that were broken with their lines."""
    (tmp_path / "t.jsonl").write_text(
        "".join(json.dumps(line) + "\n" for line in [HEADER, *PROLOG, *BEGINNING, *lines])
    )
    said = cli("judge", "t.jsonl", "--machine", "callback", "--json", "result.json", *options)
    result = json.loads((tmp_path / "result.json").read_text())
    remarks = {(remark["rule"], remark["line"]): remark["what"] for remark in result["remarks"]}
    return said.code, remarks


PROLOG = [
    {"op": {"op": "new_registry"}, "saw": {"ok": None}},
    *({"op": {"op": "register_machine", "type": name}, "saw": {"ok": None}} for name in ("workflow", CALLBACK)),
]
FIRST = len(PROLOG) + len(BEGINNING) + 2
"""The line after the beginning."""
BACK = transition(["BackingOff"], "Scheduled", "BackingOff", [INVOCATION])
SUCCEED = transition(["Scheduled"], "Succeeded", "Scheduled")


def test_judge_has_no_remark_on_what_the_machine_has(cli, tmp_path):
    assert (0, {}) == judged(cli, tmp_path, [SCHEDULE, BACK_OFF, BACK, SUCCEED], "--fail-on-remarks")


@pytest.mark.parametrize(
    ("lines", "rule", "line"),
    [
        ([SCHEDULE, SUCCEED, transition(["Succeeded"], "Scheduled", "Succeeded", [INVOCATION])], "machine-terminal", 2),
        ([transition(["Standby"], "Succeeded", "Standby")], "machine-edges", 0),
        ([transition(["Standby"], "Asleep", "Standby")], "machine-states", 0),
        ([SCHEDULE, transition(["Scheduled"], "BackingOff", "Scheduled")], "machine-tasks", 1),
        ([SCHEDULE, transition(["Scheduled"], "Succeeded", "Scheduled", [BACKOFF])], "machine-tasks", 1),
    ],
)
def test_judge_remarks_on_what_the_machine_does_not_have_or_must_have(cli, tmp_path, lines, rule, line):
    code, remarks = judged(cli, tmp_path, lines)
    assert (0, True) == (code, (rule, FIRST + line) in remarks)
    assert (1, remarks) == judged(cli, tmp_path, lines, "--fail-on-remarks")
    assert rule not in {broken for broken, _ in judged(cli, tmp_path, lines, "--without-rule", rule)[1]}


def test_judge_remarks_on_timers_that_never_come_if_executions_are_recorded(cli, tmp_path):
    execution = [
        {"op": {"op": "new_registry"}, "saw": {"ok": None}, "trace": "e"},
        {"op": {"op": "register_machine", "type": CALLBACK}, "saw": {"ok": None}, "trace": "e"},
        {
            "op": {"op": "new_root", "type": CALLBACK, "data": ["Scheduled", "v"], "bind": 0},
            "saw": {"ok": None},
            "trace": "e",
        },
        {
            "op": {"op": "execute", "task": INVOCATION, "ref": {"path": []}, "node": 0},
            "saw": {"error": "not_registered"},
            "trace": "e",
        },
    ]
    assert {} == judged(cli, tmp_path, [SCHEDULE, BACK_OFF])[1]
    assert {"timer callbacks.Backoff was emitted and never executed"} == set(
        judged(cli, tmp_path, [SCHEDULE, BACK_OFF, *execution])[1].values()
    )


def test_judge_judges_all_the_same_where_no_type_can_be_compared(cli, tmp_path):
    (tmp_path / "t.jsonl").write_text("".join(json.dumps(line) + "\n" for line in [HEADER, *PROLOG, *BEGINNING]))
    said = cli("judge", "t.jsonl", "--machine", "callback", "--type", "other")
    assert 2 == said.code
    assert "Nothing was compared with the machine" in said.err


def test_stdin_is_not_compared_with_a_machine(cli):
    assert "name no `-` with `--machine`" in cli("judge", "-", "--machine", "callback").err
