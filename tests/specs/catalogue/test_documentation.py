"""The parser of the documentation, on a made-up page in the form of a real one, and where it is looked for."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from hsm_specs.catalogue.documentation import (
    DOCUMENTATION_VARIABLE,
    DocumentationError,
    find_documentation,
    load_documentation,
    parse,
)

PAGE = """\
hsm

package

Documentation

Index

Constants

This section is empty.

Variables

View Source
var ErrTooHot = errors.New("too hot")

ErrTooHot is for kettles. It is
not for cups.

Functions

func Boil

func Boil[T any](k *Kettle, on func(T) error) error

Boil heats water, e.g. for tea. Is it safe? Mostly.

Types

type Heat

type Heat int

Heat says how warm it is.

const (
	// Cold is not warm.
	Cold Heat = iota
	Warm Heat = iota
)

type Kettle

type Kettle struct {

	// The lid. Nil for a kettle
	// without one.
	//
	// Lids are round.
	Lid *Lid
	// contains filtered or unexported fields
}

Kettle boils.

Do not touch it.

func NewKettle

func NewKettle() *Kettle

func (*Kettle) Pour

func (k *Kettle) Pour(cups []Cup) (int, error)

Pour fills [Cup.Top] by Cup.Top.

type Spout

type Spout interface {
	Lidded
	Flow() int
	// Close it.
	Close(func() error) error
}

Jump to

Keyboard shortcuts

func Nothing() int
"""


def texts(name: str) -> list[str]:
    return [sentence.text for sentence in parse(PAGE).symbols[name].sentences]


def test_every_declaration_of_the_body_is_a_symbol_with_its_kind() -> None:
    expected = {
        "ErrTooHot": "error",
        "Boil": "function",
        "Heat": "type",
        "Cold": "constant",
        "Warm": "constant",
        "Kettle": "type",
        "Kettle.Lid": "member",
        "NewKettle": "function",
        "Kettle.Pour": "function",
        "Spout": "type",
        "Spout.Flow": "member",
        "Spout.Close": "member",
    }
    found = {name: symbol.kind for name, symbol in parse(PAGE).symbols.items()}
    assert expected == found


def test_sentences_are_cut_at_their_ends_and_paragraphs_with_white_space_normalised() -> None:
    assert ["ErrTooHot is for kettles.", "It is not for cups."] == texts("ErrTooHot")
    assert ["Boil heats water, e.g. for tea.", "Is it safe?", "Mostly."] == texts("Boil")
    assert ["Kettle boils.", "Do not touch it."] == texts("Kettle")
    assert ["Pour fills [Cup.Top] by Cup.Top."] == texts("Kettle.Pour")


def test_comments_on_fields_methods_and_constants_are_their_sentences() -> None:
    assert ["The lid.", "Nil for a kettle without one.", "Lids are round."] == texts("Kettle.Lid")
    assert ["Close it."] == texts("Spout.Close")
    assert ["Cold is not warm."] == texts("Cold")
    assert [] == texts("Spout.Flow") == texts("Warm")


def test_sentence_zero_is_the_declaration_without_comments() -> None:
    parsed = parse(PAGE)
    spout = "type Spout interface { Lidded Flow() int Close(func() error) error }"
    assert spout == parsed.symbols["Spout"].declaration.text
    assert "Lid *Lid" == parsed.symbols["Kettle.Lid"].declaration.text
    assert parsed.find("Kettle.Pour", 0) == parsed.symbols["Kettle.Pour"].declaration


def test_what_has_no_sentence_is_walked_by_its_declaration() -> None:
    walked = [(sentence.symbol, sentence.number) for sentence in parse(PAGE).sentences()]
    assert ("NewKettle", 0) in walked
    assert ("Boil", 0) not in walked
    assert [3, 2, 1] == [number for symbol, number in reversed(walked) if symbol == "Kettle.Lid"]


def test_a_hash_is_that_of_the_normalised_sentence() -> None:
    found = parse(PAGE).find("ErrTooHot", 2)
    assert found is not None
    assert sha256(b"It is not for cups.").hexdigest()[:8] == found.hash


@pytest.mark.parametrize(("symbol", "number"), [("ErrTooHot", 3), ("ErrTooHot", -1), ("Nothing", 0)])
def test_a_locator_that_leads_nowhere_finds_nothing(symbol: str, number: int) -> None:
    assert parse(PAGE).find(symbol, number) is None


def test_a_symbol_that_is_documented_twice_is_an_error() -> None:
    with pytest.raises(DocumentationError, match="has Boil twice"):
        parse("\nIndex\nfunc Boil() int\nfunc Boil() int\n")


def test_a_text_of_another_kind_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text("hsm\nbut nothing else\n")
    with pytest.raises(DocumentationError, match="no documentation"):
        load_documentation(tmp_path / "page.txt")


def test_the_environment_may_name_the_file_or_its_folder(tmp_path: Path) -> None:
    page = tmp_path / "b.txt"
    page.write_text(PAGE)
    (tmp_path / "a.txt").write_text("something else\n")
    assert page == find_documentation(environ={DOCUMENTATION_VARIABLE: str(page)})
    assert page == find_documentation(environ={DOCUMENTATION_VARIABLE: str(tmp_path)})


@pytest.mark.parametrize("environ", [{}, {"CI": "true"}])
def test_an_environment_that_names_nothing_readable_is_an_error(tmp_path: Path, environ: dict[str, str]) -> None:
    with pytest.raises(DocumentationError, match=DOCUMENTATION_VARIABLE):
        find_documentation(environ={**environ, DOCUMENTATION_VARIABLE: str(tmp_path / "missing")})
    with pytest.raises(DocumentationError, match=DOCUMENTATION_VARIABLE):
        find_documentation(environ={**environ, DOCUMENTATION_VARIABLE: str(tmp_path)})


def test_the_documentation_is_looked_for_next_to_the_repository_otherwise(tmp_path: Path) -> None:
    repository = tmp_path / "repository"
    assert find_documentation(repository, {}) is None
    (tmp_path / "shared" / "seed").mkdir(parents=True)
    assert find_documentation(repository, {}) is None
    page = tmp_path / "shared" / "seed" / "page.txt"
    page.write_text(PAGE)
    assert page == find_documentation(repository, {DOCUMENTATION_VARIABLE: ""})


def test_documentation_that_this_environment_names_is_there() -> None:
    # Without this, a CI job with a mistyped path would skip every test of the sources and be green.
    path = find_documentation()
    assert path is None or load_documentation(path).symbols
