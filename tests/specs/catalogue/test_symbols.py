"""The exported symbols: all that the documentation documents, each with a counterpart in the model."""

from __future__ import annotations

import inspect
from collections import Counter
from collections.abc import Callable
from typing import cast

import pytest

from hsm_model.errors import HsmError
from hsm_specs.catalogue.documentation import Documentation
from hsm_specs.catalogue.symbols import ModelledSymbol, load_symbols
from hsm_specs.language.observations import DOCUMENTED_ERRORS

SYMBOLS = tuple(load_symbols().values())
EVERY = pytest.mark.parametrize("symbol", SYMBOLS, ids=lambda symbol: symbol.name)


def test_there_are_57_of_them() -> None:
    assert {"type": 21, "error": 7, "function": 27, "constant": 2} == Counter(symbol.kind for symbol in SYMBOLS)


def test_they_are_the_documented_ones(documentation: Documentation) -> None:
    assert {symbol.name: symbol.kind for symbol in documentation.exported} == {
        symbol.name: symbol.kind for symbol in SYMBOLS
    }


def test_no_two_have_the_same_counterpart() -> None:
    assert len(SYMBOLS) == len({symbol.counterpart for symbol in SYMBOLS})


@EVERY
def test_a_symbol_has_a_counterpart_of_its_kind(symbol: ModelledSymbol) -> None:
    counterpart = symbol.resolve()
    match symbol.kind:
        case "type":
            assert isinstance(counterpart, type)
        case "error":
            assert issubclass(counterpart, HsmError)
            assert counterpart.code in DOCUMENTED_ERRORS
        case "function":
            assert callable(counterpart)
        case "constant":
            assert isinstance(counterpart, int)


@EVERY
def test_a_counterpart_has_a_docstring(symbol: ModelledSymbol) -> None:
    if symbol.kind != "constant":
        assert inspect.getdoc(cast("Callable[..., object]", symbol.resolve()))


def test_each_documented_error_has_its_own_code() -> None:
    codes = [symbol.resolve().code for symbol in SYMBOLS if symbol.kind == "error"]
    assert sorted(DOCUMENTED_ERRORS) == sorted(codes)


@pytest.mark.parametrize("counterpart", ["hsm_model.node:Node.fly", "hsm_model.nodes:Node", "hsm_model.node:"])
def test_a_counterpart_that_is_missing_is_an_error(counterpart: str) -> None:
    with pytest.raises((ImportError, AttributeError)):
        ModelledSymbol("Node.Fly", "function", counterpart).resolve()
