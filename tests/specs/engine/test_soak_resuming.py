"""Soaks that go on where their journal ends."""

from __future__ import annotations

import pytest

from hsm_specs.engine.journal import repair
from hsm_specs.results.events import FindingMade, ShardsDone, SoakStarted

pytestmark = pytest.mark.xdist_group("soaks")


@pytest.mark.parametrize("lines", [1, 2, 5, 9])
def test_a_soak_that_was_killed_anywhere_goes_on_to_the_same_findings(soaked, undisturbed, of, tmp_path, lines):
    command, journal = of("amended", "add-child-dirties", "failed-apply-keeps-destination"), tmp_path / "journal.jsonl"
    whole, written = undisturbed(command, last=3)
    assert len(written) > 9
    journal.write_bytes(b"".join(written[:lines]) + written[lines % len(written)][:30])
    resumed = soaked(command, last=3, resume=True)
    assert resumed.found == whole.found
    assert resumed.one(SoakStarted).resumed == sum(b'"is":"shard"' in line for line in written[:lines])


def test_a_soak_goes_on_beyond_its_end(soaked, undisturbed, of):
    command = of("amended", "add-child-dirties")
    soaked(command, last=1)
    resumed = soaked(command, last=4, resume=True)
    assert resumed.one(SoakStarted).resumed == 2
    assert resumed.found == undisturbed(command, last=4).told.found


def test_what_a_journal_has_is_no_progress(soaked, of):
    command = of("amended", "add-child-dirties")
    soaked(command, last=1)
    resumed = soaked(command, last=3, resume=True)
    started = resumed.index(resumed.one(SoakStarted))
    assert started < min(map(resumed.index, resumed.of(FindingMade)))
    assert [3, 4] == [event.shards for event in resumed.of(ShardsDone)]


def test_shards_that_were_done_out_of_order_are_looked_into_in_order(soaked, undisturbed, of, tmp_path):
    command, journal = of("amended", "add-child-dirties"), tmp_path / "journal.jsonl"
    whole, (head, *lines) = undisturbed(command, last=4)
    rest = [line for line in lines if b'"index":1,' not in line]
    journal.write_bytes(head + b"".join(reversed(rest)))
    assert soaked(command, last=4, resume=True).found == whole.found


def test_a_journal_without_its_damaged_lines_goes_on_to_the_same_findings(soaked, undisturbed, of, tmp_path):
    command, journal = of("amended", "add-child-dirties", "failed-apply-keeps-destination"), tmp_path / "journal.jsonl"
    whole, written = undisturbed(command, last=3)
    for damaged in (1, len(written) // 2, len(written) - 1):
        journal.write_bytes(b"".join([*written[:damaged], b"damage\n", *written[damaged + 1 :]]))
        assert (damaged + 1,) == repair(journal).damaged
        assert soaked(command, last=3, resume=True).found == whole.found


def test_an_implementation_that_fails_no_more_keeps_what_its_journal_has(soaked, of, tmp_path):
    told = soaked(of("remembers"))
    assert told.code in (0, 1)
    assert soaked(of("remembers"), resume=True).found == told.found
