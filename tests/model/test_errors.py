from __future__ import annotations

import pickle

import pytest

from hsm_model import errors
from hsm_model.errors import HsmError, NodeIsGone, StateMachineNotFound
from hsm_specs.language.observations import DOCUMENTED_ERRORS

CLASSES = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, HsmError)]
NAMED = [kind for kind in CLASSES if kind not in (HsmError, NodeIsGone)]


def test_there_is_one_class_for_each_documented_error() -> None:
    assert sorted(DOCUMENTED_ERRORS) == sorted(kind.code for kind in NAMED)


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.__name__)
def test_the_code_is_the_name_in_small_letters(kind: type[HsmError]) -> None:
    spelled = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind.__name__)
    assert spelled.lstrip("_") == kind.code


def test_no_error_catches_another_but_that_a_lost_node_is_not_found() -> None:
    pairs = [(one, other) for one in CLASSES for other in NAMED if one is not other and issubclass(one, other)]
    assert [(NodeIsGone, StateMachineNotFound)] == pairs


@pytest.mark.parametrize("kind", NAMED, ids=lambda kind: kind.__name__)
def test_an_error_names_the_requirements_that_it_is_about(kind: type[HsmError]) -> None:
    assert kind.__doc__ is not None
    assert "docs: ``Err" in kind.__doc__


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("duplicate registration", errors.DuplicateRegistration),
        ("state machine data was cast into an incompatible type", errors.IncompatibleType),
        ("invalid task kind", errors.InvalidTaskKind),
        ("invalid transition", errors.InvalidTransition),
        ("not registered", errors.NotRegistered),
        ("state machine already exists", errors.StateMachineAlreadyExists),
        ("state machine not found", errors.StateMachineNotFound),
    ],
)
def test_a_message_is_the_documented_text_and_then_the_detail(text: str, kind: type[HsmError]) -> None:
    assert text == str(kind())
    assert f"{text}: a detail" == str(kind("a detail"))


def test_an_error_survives_pickling() -> None:
    error = errors.NotRegistered("machine type 1")
    copied = pickle.loads(pickle.dumps(error))  # noqa: S301 - its own bytes
    assert (errors.NotRegistered, str(error)) == (type(copied), str(copied))
