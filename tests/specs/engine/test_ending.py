"""The end of a session: whatever cannot be written then, verdict, exit code and the other reports stay."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsm_specs.catalogue.requirements import select
from hsm_specs.engine import session
from hsm_specs.engine.conformance import RunOptions, run
from hsm_specs.errors import InputError, NotWritten, ToolError
from hsm_specs.report.reporter import Broadcast
from hsm_specs.results.events import FindingCounted, RunEnded

from .conftest import SMALL

WRONG = "add-child-dirties"


@pytest.fixture
def full(monkeypatch):
    """Let findings be saved while the session runs, but not at its end."""
    save = session.save

    def once(finding, folder: Path):
        path = folder / f"{finding.id}.json"
        if path.exists():
            raise InputError(f"{path} cannot be written (No space left on device).")
        return save(finding, folder)

    monkeypatch.setattr(session, "save", once)


def check(end: RunEnded) -> None:
    assert end.exit_code == 1
    assert end.problems
    assert "No space left on device" in end.trouble.message


def test_a_run_whose_findings_cannot_be_counted_keeps_its_verdict(engine, of, full):
    outcome = engine(of("amended", WRONG))
    assert outcome.code == 1
    assert outcome.of(FindingCounted)
    assert outcome.judgements["DIRTY-TREE-3"].fails
    check(outcome.end)


def test_a_soak_whose_findings_cannot_be_counted_keeps_its_verdict(soaked, of, full):
    told = soaked(of("amended", WRONG))
    assert told.code == 1
    check(told.one(RunEnded))


@pytest.mark.parametrize(("amendments", "code"), [((WRONG,), 1), ((), 2)])
def test_a_report_that_cannot_be_written_does_not_change_a_violation(of, embed, amendments, code):
    written = []

    def unwritable(event):
        if isinstance(event, RunEnded):
            raise InputError("result.json cannot be written (No space left on device).")

    options = RunOptions(
        command=of("amended", *amendments), requirements=select("DIRTY-TREE-3"), selection=("x",), budget=SMALL
    )
    with pytest.raises(ToolError, match="No space left") as error:
        run(options, Broadcast([unwritable, written.append]))
    assert isinstance(written[-1], RunEnded)
    assert code == (error.value.exit_code if isinstance(error.value, NotWritten) else 2)


def test_a_full_terminal_does_not_keep_files_from_being_written():
    written = []

    def full(event):
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        Broadcast([full, written.append])("event")
    assert written == ["event"]
