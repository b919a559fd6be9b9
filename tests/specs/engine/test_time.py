"""Runs with a budget in seconds: it bounds every phase, and the verdict says what was not exercised."""

from __future__ import annotations

import time

import pytest

from hsm_specs.adapter import InProcess
from hsm_specs.engine.budget import Budget
from hsm_specs.results.events import PhaseStarted, Toured
from hsm_specs.results.verdicts import Verdict

from .conftest import TINY


def seconds(amount: float, scope: str = TINY) -> Budget:
    return Budget(f"{amount:g} s", cases=2, shards=2**20, operations=2_000, scope=scope, walks=2_000, seconds=amount)


@pytest.fixture
def slow(monkeypatch):
    """Delay each answer."""
    receive = InProcess.receive

    def late(self):
        time.sleep(0.05)
        return receive(self)

    monkeypatch.setattr(InProcess, "receive", late)


def test_directed_properties_end_in_time_and_what_they_left_out_is_said(engine, of, slow):
    began = time.monotonic()
    outcome = engine(of("amended"), budget=seconds(1.0))
    assert time.monotonic() - began < 1.0 + 1.0
    left = {name for name, judged in outcome.judgements.items() if judged.verdict is Verdict.NOT_EXERCISED}
    assert left
    assert {"the time was over before its cases were run"} == {outcome.judgements[name].note for name in left}
    assert f"its time was over before {len(left)} requirements were exercised" == outcome.end.partial
    assert outcome.code == 2
    assert ["directed"] == [event.phase for event in outcome.of(PhaseStarted)]


def test_what_was_found_in_time_is_shrunk_and_is_a_violation(engine, of, slow):
    outcome = engine(of("amended", "failed-apply-keeps-destination", "add-child-dirties"), budget=seconds(2.0))
    assert outcome.code == 1
    assert outcome.findings
    assert all(finding.shrunk for finding in outcome.findings)


def test_saved_findings_end_in_time(engine, of, tmp_path, slow):
    engine(of("amended", "add-child-dirties"), "DIRTY-TREE-3")
    (saved,) = tmp_path.iterdir()
    for number in range(50):
        (tmp_path / f"{number}.json").write_bytes(saved.read_bytes())
    began = time.monotonic()
    engine(of("amended"), replay=True, budget=seconds(0.5))
    assert time.monotonic() - began < 0.5 + 1.0


@pytest.mark.parametrize("workers", [1, 2])
def test_tours_and_random_programs_end_in_time_and_are_no_violation(engine, of, workers):
    began = time.monotonic()
    outcome = engine(of("amended"), budget=seconds(6.0, scope="default"), workers=workers)
    took = time.monotonic() - began
    assert outcome.code == 0, outcome.end
    (toured,) = outcome.of(Toured)
    assert toured.tried <= toured.pairs
    assert took < 6.0 + 20.0, "on a busy machine; it was minutes before"


def test_without_time_nothing_conforms(engine, of):
    assert engine(of("amended"), budget=seconds(1e-6)).code == 2
