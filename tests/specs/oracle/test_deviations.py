"""Files of known deviations."""

from __future__ import annotations

from pathlib import Path

import pytest

from hsm_model.framework.amendments import ALL_AMENDMENTS
from hsm_specs.errors import InputError
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.comparison import Difference
from hsm_specs.oracle.deviations import Stated, deviations_in

ADAPTERS = Path(__file__).parents[3] / "adapters"
GOOD = """
implementation = "an-implementation"
version = "v1"

[[deviation]]
requirement = "DIRTY-TREE-3"
observed = "It dirties."
reason = "It has to be written."
link = "https://example.org"
changed = "v2"
amendment = "add-child-dirties"

[[deviation]]
requirement = "MT-ROLLBACK-9"
observed = "The count stays."
reason = "Nothing recovers."
features = ["panic-in-transition"]
observations = [{ op = "transition_count", another = true }, { op = "outputs", ok = [] }]
"""


@pytest.fixture
def load(tmp_path):
    def load(text):
        path = tmp_path / "known.toml"
        path.write_text(text)
        return deviations_in(path)

    return load


def test_a_good_file(load):
    deviations = load(GOOD)
    assert deviations.amendments == ("add-child-dirties",)
    assert deviations.features == {"panic-in-transition"}
    assert deviations.requirements == {"DIRTY-TREE-3", "MT-ROLLBACK-9"}


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("[[deviation]]", "[[deviation", "is no TOML file"),
        ("link =", "lnk =", "unknown field `lnk`"),
        ('changed = "v2"', "changed = 2", "Expected `str`, got `int`"),
        ('reason = "Nothing recovers."', "", "missing required field `reason`"),
        ('reason = "Nothing recovers."', 'reason = " "', "must not be empty"),
        ("DIRTY-TREE-3", "DIRTY-TREE-33", "there is no requirement `DIRTY-TREE-33`. Is `DIRTY-TREE-3` meant?"),
        (
            "add-child-dirties",
            "add-child-dirty",
            "there is no amendment `add-child-dirty`. Is `add-child-dirties` meant?",
        ),
        ("panic-in-transition", "panics", "there is no feature `panics`"),
        ('op = "outputs"', 'op = "output"', "there is no operation `output`. Is `outputs` meant?"),
        ("another = true", 'another = true, error = "other"', "exactly one of ok, another, error, panic and unbound"),
        ('amendment = "add-child-dirties"', "", "either an amendment or observations"),
        ("MT-ROLLBACK-9", "DIRTY-TREE-3", "has an entry already"),
    ],
)
def test_a_mistake_is_named_with_its_place(load, before, after, words):
    assert before in GOOD
    with pytest.raises(InputError, match=r"known\.toml") as caught:
        load(GOOD.replace(before, after))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("stated", "observed", "matches"),
    [
        (Stated("dirty", ok=True), Observation(ok=True), True),
        (Stated("dirty", ok=True), Observation(ok=1), False),
        (Stated("outputs", ok=True), Observation(ok=True), False),
        (Stated("dirty", another=True), Observation(ok=7), True),
        (Stated("dirty", another=True), Observation(error="other"), False),
        (Stated("dirty", error="other"), Observation(error="other", message="no"), True),
        (Stated("dirty", panic="nil map"), Observation(panic="assignment to entry in nil map"), True),
        (Stated("dirty", panic="nil map"), Observation(panic="out of memory"), False),
        (Stated("dirty", unbound=True), Observation(unbound=True), True),
    ],
)
def test_a_stated_observation_matches_what_it_says(stated, observed, matches):
    difference = Difference((0,), ops.Dirty(1), Observation(ok=False), observed)
    assert stated.matches(difference) is matches


@pytest.mark.parametrize("path", sorted(ADAPTERS.glob("**/deviations.toml")), ids=lambda path: path.parent.name)
def test_the_deviations_beside_the_adapters_load(path):
    deviations = deviations_in(path)
    assert deviations.version == path.parent.name or path.parents[1] == ADAPTERS
    for entry in deviations.deviation:
        assert not entry.amendment or entry.requirement in ALL_AMENDMENTS[entry.amendment].changes


def test_a_file_nested_twenty_thousand_deep_is_refused_in_a_sentence(load):
    with pytest.raises(InputError, match=r"known\.toml is nested too deeply"):
        load("x = " + "[" * 20_000 + "]" * 20_000)
