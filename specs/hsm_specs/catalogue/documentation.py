"""The documentation's own text, taken apart into symbols and numbered sentences.

The text belongs to somebody else and is not part of this project. Requirements point into it with *locators* (symbol,
number of the sentence, hash, key words); where the text is at hand, the tests resolve every one of them.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Final, Literal

from hsm_specs.errors import InputError

DOCUMENTATION_VARIABLE: Final = "HSMSPEC_DOCUMENTATION"
"""The environment variable that says where the documentation is: a file, or a folder that has it as a ``.txt`` file."""

SymbolKind = Literal["type", "error", "function", "constant", "member"]
"""The kind of a symbol. Methods are functions; fields of structs and methods of interfaces are members."""


class DocumentationError(InputError):
    """The documentation is missing, or is not that of a package."""

    code = "documentation"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a symbol's documentation, with its white space normalised. Number 0 is the declaration."""

    symbol: str
    number: int
    text: str

    @property
    def hash(self) -> str:
        """The first eight hexadecimal digits of the SHA-256 of the text."""
        return sha256(self.text.encode()).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class Symbol:
    """A symbol with its declaration and its documentation. ``Node.Key`` names the member of a type."""

    name: str
    kind: SymbolKind
    declaration: Sentence
    sentences: tuple[Sentence, ...]

    def sentence(self, number: int) -> Sentence | None:
        """Return the sentence of that number, None if there is none."""
        if number == 0:
            return self.declaration
        return self.sentences[number - 1] if 0 < number <= len(self.sentences) else None


class Documentation:
    """Parsed documentation: its symbols in the order of the text."""

    def __init__(self, symbols: Iterable[Symbol]) -> None:
        """Index the symbols by name. Raise DocumentationError for a name that occurs twice."""
        self.symbols: dict[str, Symbol] = {}
        for symbol in symbols:
            if symbol.name in self.symbols:
                raise DocumentationError(f"The documentation has {symbol.name} twice.")
            self.symbols[symbol.name] = symbol

    @cached_property
    def exported(self) -> tuple[Symbol, ...]:
        """The symbols that are not members of another."""
        return tuple(symbol for symbol in self.symbols.values() if symbol.kind != "member")

    def sentences(self) -> Iterator[Sentence]:
        """Return every sentence of the documentation, and the declaration of each symbol without a sentence."""
        for symbol in self.symbols.values():
            yield from symbol.sentences or (symbol.declaration,)

    def find(self, symbol: str, number: int) -> Sentence | None:
        """Return the sentence of a locator, None if there is none."""
        found = self.symbols.get(symbol)
        return None if found is None else found.sentence(number)


def find_documentation(root: Path | None = None, environ: Mapping[str, str] = os.environ) -> Path | None:
    """Return the path of the documentation that the environment names, or in ``shared/seed`` next to the repository.

    Return None if there is no such folder. Raise DocumentationError if the environment names something that does not
    exist.
    """
    named = environ.get(DOCUMENTATION_VARIABLE)
    if named:
        found = text_at(Path(named))
        if found is None:
            raise DocumentationError(f"{DOCUMENTATION_VARIABLE} says {named}, but there is no documentation.")
        return found
    return text_at((root or repository()).parent / "shared" / "seed")


def repository() -> Path:
    """Return the root of the checkout that this module is in."""
    return Path(__file__).resolve().parents[3]


def text_at(place: Path) -> Path | None:
    """Return the documentation in a folder, or the file itself."""
    if place.is_file():
        return place
    return next((path for path in sorted(place.glob("*.txt")) if path.read_text("utf-8").startswith("hsm\n")), None)


def load_documentation(path: Path) -> Documentation:
    """Read and parse the documentation. Raise DocumentationError for a text without symbols."""
    documentation = parse(path.read_text("utf-8"))
    if not documentation.symbols:
        raise DocumentationError(f"{path} is no documentation of a Go package as pkg.go.dev shows it.")
    return documentation


# --- parsing --------------------------------------------------------------------------------------------------------

HEADING = re.compile(r"type \w+|func (\([^)]*\) )?\w+")
FURNITURE = frozenset({"Constants", "Variables", "Functions", "Types", "View Source", "This section is empty."})
BODY = re.compile(r"\nIndex\n(.*?)(?:\nJump to\n|\Z)", re.DOTALL)
DECLARATION = re.compile(r"(?:var|type|func|const)\b")
FUNCTION = re.compile(r"func (?:\((?:\w+ )?\*?(?P<receiver>\w+)[^)]*\) )?(?P<name>\w+)")
MEMBER = re.compile(r"(\w+)(?:\s+\S|\()")
END_OF_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\[])")


def parse(text: str) -> Documentation:
    """Take apart the text of a package's page on pkg.go.dev."""
    body = BODY.search(text)
    return Documentation(symbols_of(body[1].splitlines() if body else []))


def symbols_of(lines: list[str]) -> Iterator[Symbol]:
    """Return the symbols of the page's body: each declaration with the text that follows it, and its members."""
    at = 0
    while at < len(lines):
        declaration: list[str] = []
        if DECLARATION.match(lines[at]) and not HEADING.fullmatch(lines[at]):
            depth = 0
            while not declaration or depth:
                depth += sum(map(lines[at].count, "({")) - sum(map(lines[at].count, ")}"))
                declaration.append(lines[at])
                at += 1
        else:
            at += 1
            continue
        documentation: list[str] = []
        while at < len(lines) and not DECLARATION.match(lines[at]):
            documentation.append("" if lines[at] in FURNITURE else lines[at])
            at += 1
        yield from symbols_of_declaration(declaration, documentation)


def symbols_of_declaration(declaration: list[str], documentation: list[str]) -> Iterator[Symbol]:
    """Return the declared symbol followed by its members; for a group of constants, return the constants."""
    first = declaration[0]
    if first.startswith("const"):
        yield from members("", "constant", declaration)
        return
    code = " ".join(line for line in declaration if not line.lstrip().startswith("//"))
    if (function := FUNCTION.match(first)) is not None:
        name, receiver = function["name"], function["receiver"]
        yield symbol(f"{receiver}.{name}" if receiver else name, "function", code, documentation)
        return
    name = re.split(r"\W", first.split(maxsplit=1)[1], maxsplit=1)[0]
    yield symbol(name, "error" if first.startswith("var") else "type", code, documentation)
    yield from members(f"{name}.", "member", declaration)


def members(prefix: str, kind: SymbolKind, declaration: list[str]) -> Iterator[Symbol]:
    """Return the lines of a block, each with the comment above it, without what is embedded or not exported."""
    comment: list[str] = []
    for line in map(str.strip, declaration[1:-1]):
        if line.startswith("//"):
            comment.append(line[2:].strip())
            continue
        if (member := MEMBER.match(line)) is not None:
            yield symbol(prefix + member[1], kind, line, comment)
        comment = []


def symbol(name: str, kind: SymbolKind, declaration: str, documentation: list[str]) -> Symbol:
    """Return a symbol with its text cut into sentences, paragraph by paragraph."""
    paragraphs = "\n".join(documentation).split("\n\n")
    texts = [text for paragraph in paragraphs for text in END_OF_SENTENCE.split(paragraph.strip()) if text]
    numbered = tuple(Sentence(name, number, normalised(text)) for number, text in enumerate(texts, 1))
    return Symbol(name, kind, Sentence(name, 0, normalised(declaration)), numbered)


def normalised(text: str) -> str:
    """Return the text with every run of white space replaced by one space."""
    return " ".join(text.split())
