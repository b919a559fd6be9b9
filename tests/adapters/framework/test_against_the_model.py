"""The plain framework and the model make the same observations of every program."""

from __future__ import annotations

from .differential import search


def test_the_plain_framework_does_what_the_model_does() -> None:
    assert search(range(200)) is None
