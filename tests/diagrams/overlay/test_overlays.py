"""Conformance on a graph: the life of a node and machines, with what runs and probes say of each arrow."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from hsm_diagrams.drawing.drawing import Role
from hsm_diagrams.overlay.drawing import overlay_picture
from hsm_diagrams.run.graph import AGREES, DEVIATES, KNOWN, UNSEEN
from hsm_model.machines import MACHINES
from hsm_specs.results.verdicts import Verdict

PROBE = Path(__file__).parents[3] / "build" / "temporal-probe"
ARROWS = {Role.AGREES, Role.KNOWN, Role.DEVIATES, Role.UNSEEN}


def found(picture, name, source, target, words):
    [verdict] = [
        data["verdicts"][name]
        for start, end, data in picture.graph.edges(data=True)
        if (start, end, data.get("words") or data.get("transition")) == (source, target, words)
        and data["outcome"] != "rejected"
    ]
    return verdict


def said(picture):
    return [" ".join(line.text for line in part.lines) for part in (*picture.drawing.boxes, *picture.drawing.arrows)]


def trial(probed, transition, state):
    return [
        each for each in probed["trials"] if (each["transition"], each["state"]) == (f"Transition{transition}", state)
    ]


@pytest.mark.parametrize("machine", MACHINES)
def test_a_machine_that_does_as_the_model_agrees_everywhere(probe, machine):
    picture = overlay_picture([probe(machine=machine)], machine)
    judged = [data["verdicts"] for *_, data in picture.graph.edges(data=True) if data["kind"] == "transition"]
    assert judged
    assert all({"temporal v1": {"found": AGREES, "note": ""}} == each for each in judged)
    assert {Role.AGREES, Role.SUCCESS} >= {arrow.role for arrow in picture.drawing.arrows}


def leads_elsewhere(probed):
    for each in trial(probed, "Failed", "Scheduled"):
        each["after"] = "Succeeded"


def accepts(probed):
    for each in trial(probed, "Succeeded", "Standby"):
        each.update(after="Succeeded", error="", possible=True)


def emits_nothing(probed):
    for each in trial(probed, "Rescheduled", "BackingOff"):
        each["tasks"] = []


def is_said_to_be_impossible(probed):
    trial(probed, "Succeeded", "Scheduled")[0]["possible"] = False


def fails(probed):
    for each in trial(probed, "AttemptFailed", "Scheduled"):
        each.update(after="Scheduled", error="other", tasks=[])


@pytest.mark.parametrize(
    ("change", "edge", "note"),
    [
        (leads_elsewhere, ("Scheduled", "Succeeded", "Failed"), "leads to Succeeded"),
        (accepts, ("Standby", "Succeeded", "Succeeded"), "leads to Succeeded"),
        (emits_nothing, ("BackingOff", "Scheduled", "Rescheduled"), "starts no task"),
        (is_said_to_be_impossible, ("Scheduled", "Succeeded", "Succeeded"), "URL: is not possible"),
        (fails, ("Scheduled", "Scheduled", "AttemptFailed"), "failed, Scheduled"),
    ],
)
def test_a_different_result_of_a_probe_deviates_and_is_named(probe, change, edge, note):
    picture = overlay_picture([probe(), probe("other.json", "v2", change=change)], "callback")
    verdict = found(picture, "temporal v2", *edge)
    assert DEVIATES == verdict["found"]
    assert note in verdict["note"]
    assert any(f"temporal v2: {verdict['note']}" in text.replace("\n", " ") for text in said(picture))
    assert Role.DEVIATES in {part.role for part in (*picture.drawing.arrows, *picture.drawing.boxes)}


def test_tasks_that_are_not_regenerated_are_said_in_the_box(probe):
    def change(probed):
        next(each for each in probed["regenerated"] if each["state"] == "BackingOff")["tasks"] = []

    picture = overlay_picture([probe(change=change)], "callback")
    assert {"found": DEVIATES, "note": "URL: no task pending"} == picture.graph.nodes["BackingOff"]["verdicts"][
        "temporal v1"
    ]
    [box] = [box for box in picture.drawing.boxes if box.key == "BackingOff"]
    assert Role.DEVIATES is box.role


def test_what_a_probe_did_not_try_is_not_held_to_agree(probe):
    def change(probed):
        probed["trials"] = [each for each in probed["trials"] if each["transition"] != "TransitionFailed"]

    picture = overlay_picture([probe(change=change)], "callback")
    assert UNSEEN == found(picture, "temporal v1", "Scheduled", "Failed", "Failed")["found"]


@pytest.mark.parametrize(("verdict", "found_as"), [(Verdict.KNOWN, KNOWN), (Verdict.DEVIATES, DEVIATES)])
def test_on_the_life_of_a_node_arrows_have_the_verdicts_on_what_they_show(run, verdict, found_as):
    picture = overlay_picture([run("a.json", "1"), run("b.json", "2", DIRTY_TREE_3=verdict)], "node")
    edge = ("absent", "added", "AddChild")
    assert AGREES == found(picture, "some-hsm 1", *edge)["found"]
    assert {"found": found_as, "note": "DIRTY-TREE-3"} == found(picture, "some-hsm 2", *edge)
    [arrow] = [each for each in picture.drawing.arrows if (each.source, each.target) == edge[:2]]
    assert "some-hsm 2: DIRTY-TREE-3" in " ".join(line.text for line in arrow.lines)
    assert "some-hsm 1" not in " ".join(line.text for line in arrow.lines)


def test_what_all_say_alike_is_said_once(run):
    runs = [run(f"{number}.json", str(number), DIRTY_TREE_3=Verdict.KNOWN) for number in range(3)]
    assert any("~ all: DIRTY-TREE-3" in text for text in said(overlay_picture(runs, "node")))


def test_a_box_lists_its_loops_that_do_not_agree(run):
    picture = overlay_picture([run(MT_ROLLBACK_5=Verdict.KNOWN)], "node")
    assert all(arrow.source != arrow.target for arrow in picture.drawing.arrows)
    [box] = [box for box in picture.drawing.boxes if box.key == "absent"]
    assert Role.KNOWN is box.role
    assert any("AddChild inside a function" in line.text for line in box.lines)


def test_runs_are_drawn_on_machines_too(run):
    picture = overlay_picture([run(TRANS_APPLY_4=Verdict.DEVIATES)], "scheduler")
    drawn = {arrow.role for arrow in picture.drawing.arrows if arrow.lines}
    assert {Role.DEVIATES} == drawn


def test_a_legend_names_every_look_that_is_used(run, probe):
    for picture in (
        overlay_picture([run(DIRTY_TREE_3=Verdict.KNOWN, CLEAR_TREE_3=Verdict.DEVIATES)], "node"),
        overlay_picture([probe(change=leads_elsewhere)], "callback"),
    ):
        legend = {box.role for box in picture.drawing.boxes if box.group}
        used = {part.role for part in (*picture.drawing.arrows, *picture.drawing.boxes)} & ARROWS
        assert used <= legend


@pytest.mark.skipif(
    not PROBE.exists(), reason="the probe of the real machines is not built (make build/temporal-probe)"
)
@pytest.mark.parametrize("machine", MACHINES)
def test_the_real_machines_agree_everywhere(tmp_path, machine):
    written = tmp_path / "probe.json"
    written.write_bytes(subprocess.run([PROBE], capture_output=True, check=True, timeout=60).stdout)
    picture = overlay_picture([written], machine)
    classes = {
        data["verdicts"]["temporal v1.25.1"]["found"]
        for *_, data in picture.graph.edges(data=True)
        if data["kind"] == "transition"
    }
    assert {AGREES} == classes


def test_the_command_draws_runs_and_probes(cli, tmp_path, run, probe):
    run()
    probe()
    assert (0, "conformance-node-life.svg\n", "") == cli("diagram", "conformance", "run.json", "--on", "node")
    assert (0, "conformance-callback.svg\n", "") == cli(
        "diagram", "conformance", "probe.json", "run.json", "--on", "callback"
    )
    assert (tmp_path / "conformance-callback.svg").read_text("utf-8").startswith("<svg ")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("probe.json", "--on", "nod"), "did you mean node"),
        (("probe.json", "--on", "callbak"), "did you mean callback"),
        (("probe.json", "--on", "node"), "the life of a node is no machine"),
        (("probe.json", "--on", "scheduler"), "has no machine scheduler.Scheduler; it has callbacks.Callback"),
        (("probe.json",), "is no result of a run"),
        (("bad.json", "--on", "callback"), "is no probe of machines"),
        (("text.json", "--on", "callback"), "is no result of a run"),
        (("gone.json", "--on", "callback"), "cannot be read"),
    ],
)
def test_what_cannot_be_drawn_is_a_sentence(cli, tmp_path, probe, arguments, words):
    probe()
    (tmp_path / "bad.json").write_text(json.dumps({"machines": 3}), "utf-8")
    (tmp_path / "text.json").write_text("no json", "utf-8")
    answer = cli("diagram", "conformance", *arguments)
    assert (2, "") == (answer.code, answer.out)
    assert 1 == answer.err.count("\n")
    assert words in answer.err
