"""Headers: which recordings are judged by a list of known deviations."""

from __future__ import annotations

import msgspec
import pytest

from hsm_specs.oracle.deviations import Deviations

from .test_judging import ADDED, DIRTIES, YES, recorded

MINE = msgspec.structs.replace(DIRTIES, implementation="mine", version="v1")
BAD = recorded(ADDED, last=YES)


def header(**members: str) -> bytes:
    return msgspec.json.encode({"hsmspec": 1, **members}) + b"\n"


@pytest.mark.parametrize(
    ("members", "theirs"),
    [
        ({"implementation": "mine", "version": "v2"}, "those of version v1, and this is a recording of v2"),
        ({"version": "v2"}, "those of version v1, and this is a recording of v2"),
        (
            {"implementation": "other", "version": "v1"},
            "those of implementation mine, and this is a recording of other",
        ),
        ({"implementation": "other", "version": "unknown"}, "those of implementation mine"),
        ({"implementation": "mine", "version": "\x1b\n"}, "those of version v1"),
    ],
)
def test_known_deviations_of_another_implementation_are_refused(judge, members, theirs) -> None:
    judged = judge([header(**members), *BAD], recorded(ADDED), deviations=MINE)
    [said] = judged.said
    assert said.startswith(f"a, line 1: the known deviations are {theirs}")
    assert said.endswith(
        " (give `--deviations` the file of the implementation that was recorded); the lines behind it are not judged."
    )
    assert said.isprintable()
    assert (2, {"conforms": 1}) == (judged.code, judged.result.verdicts)


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"implementation": "mine"},
        {"version": "v1"},
        {"implementation": "mine", "version": "unknown"},
        {"implementation": "mine", "version": "v1"},
    ],
)
def test_what_a_header_does_not_say_is_no_mismatch(judge, members) -> None:
    judged = judge([header(**members), *BAD], deviations=MINE)
    assert (0, [], {"deviates (known)": 1}) == (judged.code, judged.said, judged.result.verdicts)


def test_known_deviations_of_nobody_are_those_of_all(judge) -> None:
    assert 0 == judge([header(implementation="other", version="v2"), *BAD], deviations=DIRTIES).code


def test_a_recording_behind_another_implementation_is_judged(judge) -> None:
    other = header(implementation="other")
    mine = header(implementation="mine", version="v1")
    judged = judge([mine, *BAD, other, *BAD, mine, *BAD], deviations=MINE)
    assert (2, {"deviates (known)": 2}) == (judged.code, judged.result.verdicts)
    assert ["a, line 7"] == [said.partition(":")[0] for said in judged.said]


def test_without_known_deviations_anybody_is_judged(judge) -> None:
    assert 1 == judge([header(implementation="other", version="v2"), *BAD], deviations=Deviations()).code
