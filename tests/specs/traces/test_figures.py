"""Figures over all traces of a suite: states never left, transitions never tried, tasks never executed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hsm_model.state import Key
from hsm_specs.traces.recorder import Recording

from .shop import ORDER, Order, Shop


@pytest.fixture
def suite(tmp_path, monkeypatch) -> list[str]:
    """Two files: in one, orders are sold and cancelled; in the other, one is reserved."""
    monkeypatch.chdir(tmp_path)
    shop = Shop()
    with Recording("sold.jsonl") as recording, recording.trace("sold") as hsm:
        shop.try_out(hsm)
    with Recording("reserved.jsonl") as recording, recording.trace("reserved") as hsm:
        _, root = shop.opened(hsm)
        order = root.add_child(Key(ORDER.id, "a"), Order(shop))
        shop.moved(hsm, order, shop.reserve)
        hsm.transition(shop.cancel).possible(Order(shop))
    return ["sold.jsonl", "reserved.jsonl"]


def figures(cli, *files):
    said = cli("judge", *files, "--figures", "--json", "result.json")
    assert 0 == said.code, said.out
    return said.out, {of["type"]: of for of in json.loads(Path("result.json").read_text())["figures"]}


def test_what_a_suite_leaves_out_is_printed_with_counts(cli, suite) -> None:
    out, found = figures(cli, *suite)
    order = found["order"]
    assert {"New": 4, "Paying": 5, "BackingOff": 1, "Paid": 1, "Shipped": 1, "Cancelled": 1} == order["states"]
    assert ["Cancelled", "Shipped"] == order["never_left"]
    assert ["to Cancelled from BackingOff", "to Cancelled from New"] == sorted(order["untried_sources"])
    assert {} == order["never_executed"]
    assert "never left (2): Cancelled; Shipped" in out
    assert "never tried from a declared source (2): to Cancelled from New" in out


def test_what_one_file_leaves_out_another_may_have(cli, suite) -> None:
    out, found = figures(cli, "reserved.jsonl")
    assert ["Paying"] == found["order"]["never_left"]
    assert {"charge": 1, "expiry": 1} == found["order"]["never_executed"]
    assert "tasks never executed (2): charge, emitted once; expiry, emitted once" in out
    assert ["to Cancelled"] == found["(in no tree)"]["never_tried"]


def test_figures_are_not_printed_unless_they_are_asked_for(cli, suite) -> None:
    said = cli("judge", *suite, "--json", "result.json")
    assert "never left" not in said.out
    assert [] == json.loads(Path("result.json").read_text())["figures"]


def test_stdin_has_no_figures(cli) -> None:
    assert "Files are read twice for `--figures`: name no `-` with it." in cli("judge", "-", "--figures").err


def test_files_that_cannot_be_followed_are_judged_all_the_same(cli, suite) -> None:
    with Path("sold.jsonl").open("a") as file:
        file.write("nonsense\n")
    said = cli("judge", "sold.jsonl", "--figures")
    assert 2 == said.code
    assert "There are no figures of machines: sold.jsonl:" in said.err
