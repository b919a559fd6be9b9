from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_model.maps import LARGE, Map

sizes = st.integers(0, LARGE + 4)
changes = st.lists(st.tuples(st.integers(0, LARGE + 4), st.none() | st.integers(0, 3)), max_size=12)
"""Keys with their new values, or None where the key goes."""


@given(sizes, changes)
def test_a_map_does_as_a_dictionary_does_on_both_sides_of_being_large(
    size: int, steps: list[tuple[int, int | None]]
) -> None:
    expected: dict[int, int] = dict.fromkeys(range(size), 0)
    changed = Map.of(expected)
    for key, value in steps:
        if value is None:
            expected.pop(key, None)
            changed = changed.discard(key)
        else:
            expected[key] = value
            changed = changed.insert(key, value)
        assert expected == dict(changed.items())
        assert len(expected) == len(changed)
        assert set(expected) == set(changed)
    for key in range(LARGE + 5):
        assert (key in expected) == (key in changed)
        assert expected.get(key) == changed.get(key)


@given(sizes, changes)
def test_equal_maps_are_equal_and_hash_alike_however_they_came_about(
    size: int, steps: list[tuple[int, int | None]]
) -> None:
    changed: Map[int, int] = Map.of(dict.fromkeys(range(size), 0))
    for key, value in steps:
        changed = changed.discard(key) if value is None else changed.insert(key, value)
    again = Map.of(dict(reversed(list(changed.items()))))
    assert again == changed
    assert hash(again) == hash(changed)


@given(sizes, st.integers(0, LARGE + 4))
def test_a_map_that_was_kept_never_changes(size: int, key: int) -> None:
    kept: Map[int, int] = Map.of(dict.fromkeys(range(size), 0))
    shown = repr(kept)
    kept.insert(key, 1)
    kept.discard(key)
    assert shown == repr(kept)
    assert dict.fromkeys(range(size), 0) == dict(kept.items())


@pytest.mark.parametrize("size", [0, LARGE - 1, LARGE, LARGE + 1])
def test_a_key_that_is_not_there_is_a_key_error(size: int) -> None:
    with pytest.raises(KeyError):
        Map.of(dict.fromkeys(range(size), 0))[-1]


def test_a_map_is_equal_to_no_dictionary() -> None:
    assert Map.of({1: 1}) != {1: 1}
    assert Map.of({1: 1}) != Map.of({1: 2})
    assert "Map({1: 2})" == repr(Map.of({1: 2}))
