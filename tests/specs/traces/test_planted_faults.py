"""Faults planted in a team's own machine are named by the rules about machines, and the right machine by none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from hsm_diagrams.trace.comparison import machine_remarks
from hsm_specs.errors import InputError
from hsm_specs.machines.names import NamedMachine
from hsm_specs.traces.format.remarks import STATEMENTS
from hsm_specs.traces.recorder import RULES, Recording

from .planted import FAULTS, Faulty
from .recorded import Judged
from .shop import DESCRIPTION, ORDER, Shop

AT_LEAST = 30
REFERENCE = NamedMachine("order", DESCRIPTION, "", imported=False)


def recorded(shop: Shop, folder: Path, **options: Any) -> Path:
    """Try a shop out, and return what was recorded of that."""
    file = folder / "shop.jsonl"
    with Recording(file, **options) as recording:
        hsm = recording.trace("shop")
        with suppress(Exception), hsm:
            shop.try_out(hsm)
    assert hsm.trouble is None
    return file


def remarks(file: Path) -> list[dict[str, Any]]:
    """Return the remarks of the recorder."""
    return [line["machine"] for line in map(json.loads, file.read_text().splitlines()) if "machine" in line]


def broken(shop: Shop, folder: Path, **options: Any) -> set[str]:
    """Return the rules that a shop breaks: those of the recorder, and those of the machine that was agreed on."""
    file = recorded(shop, folder, **options)
    compared = machine_remarks([str(file)], ORDER.name, REFERENCE)
    return {remark["rule"] for remark in remarks(file)} | {remark.rule for remark in compared}


def test_nothing_is_remarked_about_the_right_machine(tmp_path) -> None:
    assert set() == broken(Shop(), tmp_path)


def test_there_are_as_many_faults_as_are_promised() -> None:
    assert len(FAULTS) >= AT_LEAST
    assert STATEMENTS.keys() == {fault.rule for fault in FAULTS}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_a_fault_is_named_by_its_rule_and_by_no_other(fault: type[Faulty], tmp_path) -> None:
    found = broken(fault(), tmp_path)
    assert fault.rule in found
    assert found <= {fault.rule, *fault.also}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_no_fault_of_a_machine_is_one_of_the_package(fault: type[Faulty], tmp_path) -> None:
    judged = Judged(recorded(fault(), tmp_path).read_bytes(), tmp_path)
    assert [] == [trace.departure for trace in judged.traces if trace.departure is not None]


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault.rule in RULES], ids=lambda fault: fault.__name__)
def test_a_rule_that_is_switched_off_names_nothing(fault: type[Faulty], tmp_path) -> None:
    assert fault.rule not in broken(fault(), tmp_path, without=[fault.rule])


def test_a_rule_that_does_not_exist_cannot_be_switched_off(tmp_path) -> None:
    with pytest.raises(InputError, match=r"There is no rule 'round-trips'\. Name some of regenerated-tasks"):
        Recording(tmp_path / "t.jsonl", without=["round-trips"])
