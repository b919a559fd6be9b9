"""The requirement catalogue: what the documentation demands, one entry per demand, each with an ID that never changes.

The entries are data: one TOML file per area in ``specs/requirements`` (in a wheel, ``hsm_specs/requirements``). Next
to them, ``sentences.toml`` has a locator for each sentence of the documentation, and ``non_normative.toml`` the
sentences that demand nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal, TypeVar

import msgspec
from msgspec import Struct, field

from hsm_specs.errors import InputError

Classification = Literal["documented", "characterization", "obligation", "unspecified"]
"""The degree to which a requirement is binding.

``documented``: the documentation says so, and a deviation is non-conformance. ``characterization``: the documentation
is silent and implementations are known to agree or to differ; reported, never failing. ``obligation``: the
documentation demands it of others than the package, whom ``owed_by`` names; programs do not break it.
``unspecified``: programs avoid it.
"""

Debtor = Literal["framework", "users"]
"""Who owes an obligation: the framework around the package, or the package's users."""
DEBTORS: Final[Mapping[str, str]] = {
    "framework": "the framework around the package",
    "users": "the users of the package",
}
"""The debtors in words."""

Subject = Literal["implementation", "fixtures"]
"""The subject of a requirement's evidence: the implementation, or the adapter's own machines, tasks and environment.

The package has only the interfaces of those, so an adapter that breaks such a requirement cannot judge anything.
"""

AREAS: Final = (
    "registry",
    "executor",
    "environment",
    "ref",
    "transition",
    "machine",
    "root",
    "node",
    "data",
    "machine_transition",
    "rollback",
    "outputs",
    "dirty",
    "clear",
    "collection",
    "tasks",
    "types",
    "wire",
    "access",
    "staleness",
    "commit",
    "timers",
    "outbound",
    "refresh",
    "replication",
)
"""The areas, in the order in which requirements are listed: each is a file of the catalogue."""

REQUIREMENT_ID: Final = re.compile(r"[A-Z]+(?:-[A-Z]+)+-[0-9]+")
DOCUMENTATION: Final = "https://pkg.go.dev/go.temporal.io/server@v1.24.0-m3.4/service/history/hsm"

T = TypeVar("T")


SELECTION: Final = (
    "It may name IDs (NODE-ADD-2), beginnings of IDs (MT-ROLLBACK), areas (rollback) and patterns ('*-LIST-?'), with"
    " commas between them; `hsmspec list` shows what there is."
)
"""The syntax of a selection, for the message about an invalid one."""


class UnknownRequirement(InputError):
    """An ID or a selector names no requirement."""


class Source(Struct, frozen=True):
    """The place in the documentation: a symbol and the number of a sentence about it, 0 for its declaration.

    ``hash`` is the beginning of the sentence's SHA-256; at most six ``keywords`` tell a reader what it is about.
    """

    symbol: str
    sentence: int
    hash: str
    keywords: tuple[str, ...]

    @property
    def link(self) -> str:
        """The symbol's place in the published documentation."""
        return documentation_link(self.symbol)

    def __str__(self) -> str:
        return f"{self.symbol}#{self.sentence}"


class Requirement(Struct, frozen=True):
    """One requirement. ``reason`` says why it is not documented, or how the sentence is read.

    ``readings`` are other readings of the sentence, by the names of amendments of the model: an implementation that
    follows one of them consistently conforms. ``capabilities`` are what an adapter must offer beside the core for the
    requirement to be checked. An obligation names its debtor in ``owed_by``, and in ``shown_by`` documented
    requirements of the framework that amount to it. ``judges`` says what its evidence is about.
    """

    id: str
    area: str
    statement: str
    classification: Classification
    sources: tuple[Source, ...]
    capabilities: tuple[str, ...]
    reason: str | None
    owed_by: Debtor | None = None
    shown_by: tuple[str, ...] = ()
    judges: Subject = "implementation"
    readings: tuple[str, ...] = ()

    @property
    def judged(self) -> bool:
        """Whether runs judge it: a documented requirement or a characterization."""
        return self.classification in ("documented", "characterization")

    @property
    def source(self) -> Source | None:
        """The main source."""
        return self.sources[0] if self.sources else None


# --- files ----------------------------------------------------------------------------------------------------------


class RequirementEntry(Struct, frozen=True, forbid_unknown_fields=True):
    """A requirement as its file has it; sources are written ``Symbol#number``."""

    id: str
    statement: str
    classification: Classification = field(name="class")
    sources: tuple[str, ...]
    capabilities: tuple[str, ...] = ()
    reason: str | None = None
    owed_by: Debtor | None = None
    shown_by: tuple[str, ...] = ()
    judges: Subject = "implementation"
    readings: tuple[str, ...] = ()


class AreaFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The requirements of one area. ``title`` is its heading in reports."""

    title: str
    requirement: tuple[RequirementEntry, ...]


class Locator(Struct, frozen=True, forbid_unknown_fields=True):
    """The facts that are kept about a sentence."""

    hash: str
    keywords: tuple[str, ...]


class SentencesFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The locators of all sentences that something cites."""

    sentence: dict[str, Locator]


class NonNormativeFile(Struct, frozen=True, forbid_unknown_fields=True):
    """The sentences that demand nothing, with the reason."""

    sentence: dict[str, str]


def catalogue_folder() -> Path:
    """Return the folder of the catalogue: inside the installed package, or next to the package in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "requirements"
    return installed if installed.is_dir() else package.parent / "requirements"


def read(name: str, structure: type[T]) -> T:
    """Return a file of the catalogue, decoded."""
    return msgspec.toml.decode((catalogue_folder() / f"{name}.toml").read_bytes(), type=structure)


@cache
def load_sentences() -> Mapping[str, Source]:
    """Return the locators of the documentation's sentences, by ``Symbol#number``, in the order of the documentation."""
    sources: dict[str, Source] = {}
    for name, locator in read("sentences", SentencesFile).sentence.items():
        symbol, number = name.split("#")
        sources[name] = Source(symbol, int(number), locator.hash, locator.keywords)
    return MappingProxyType(sources)


@cache
def load_non_normative() -> Mapping[str, str]:
    """Return why a sentence demands nothing, by ``Symbol#number``."""
    return MappingProxyType(read("non_normative", NonNormativeFile).sentence)


@cache
def load_areas() -> Mapping[str, AreaFile]:
    """Return the files of the catalogue by area, in listing order."""
    return MappingProxyType({area: read(area, AreaFile) for area in AREAS})


@cache
def load_catalogue() -> Mapping[str, Requirement]:
    """Return all requirements by ID, area by area, in the order of their files."""
    sentences = load_sentences()
    return MappingProxyType(
        {
            entry.id: Requirement(
                id=entry.id,
                area=area,
                statement=entry.statement,
                classification=entry.classification,
                sources=cited(entry, sentences),
                capabilities=entry.capabilities,
                reason=entry.reason,
                owed_by=entry.owed_by,
                shown_by=entry.shown_by,
                judges=entry.judges,
                readings=entry.readings,
            )
            for area, file in load_areas().items()
            for entry in file.requirement
        }
    )


def cited(entry: RequirementEntry, sentences: Mapping[str, Source]) -> tuple[Source, ...]:
    """Return the sources of an entry. Raise InputError for a sentence without a locator."""
    missing = [name for name in entry.sources if name not in sentences]
    if missing:
        raise InputError(f"{entry.id} cites {', '.join(missing)}, of which sentences.toml has no locator.")
    return tuple(sentences[name] for name in entry.sources)


# --- looking up -----------------------------------------------------------------------------------------------------


def documentation_link(symbol: str) -> str:
    """Return the place of a symbol, ``Node.AddChild`` say, in the published documentation."""
    return f"{DOCUMENTATION}#{symbol}"


def requirement(requirement_id: str) -> Requirement:
    """Return the requirement of an ID in upper or lower case. Raise UnknownRequirement with similar IDs."""
    catalogue = load_catalogue()
    found = catalogue.get(requirement_id.strip().upper())
    if found is None:
        raise unknown(f"There is no requirement {requirement_id!r}", requirement_id, catalogue)
    return found


def select(selection: str | None) -> tuple[Requirement, ...]:
    """Return the requirements that a comma-separated selection names, in listing order; all of them for None.

    A part is an ID (``NODE-ADD-2``), the beginning of IDs up to a hyphen (``NODE``, ``MT-ROLLBACK``), an area
    (``rollback``, ``executors``, a title) or a pattern (``MT-*``, ``*-LIST-?``), in any case. Raise
    UnknownRequirement for a part that matches nothing.
    """
    catalogue = load_catalogue()
    if selection is None:
        return tuple(catalogue.values())
    parts = [part for part in (piece.strip() for piece in selection.split(",")) if part]
    if not parts:
        raise UnknownRequirement(f"The selection {selection!r} names no requirement.", remedy=SELECTION)
    chosen: set[str] = set()
    for part in parts:
        matched = {entry.id for entry in catalogue.values() if selects(part.upper(), entry)}
        if not matched:
            raise _unmatched(part)
        chosen |= matched
    return tuple(entry for entry in catalogue.values() if entry.id in chosen)


def _unmatched(part: str) -> UnknownRequirement:
    """Return the error for a part of a selection that matches nothing, with a suggestion if there is one."""
    complaint, catalogue = f"The selection {part!r} matches no requirement", load_catalogue()
    words = [word for word in re.split(r"[\s;|+]+", part) if word and word.upper() != "OR"]
    if len(words) > 1 and all(any(selects(word.upper(), entry) for entry in catalogue.values()) for word in words):
        return UnknownRequirement(f"{complaint}; with commas it is {','.join(words)}.", remedy=SELECTION)
    near = _near(part, (*catalogue, *AREAS))
    return UnknownRequirement(f"{complaint}{f'; near it: {near}' * bool(near)}.", remedy=SELECTION)


def selects(part: str, entry: Requirement) -> bool:
    """Return whether one part of a selection, in capitals, names a requirement."""
    return (
        part.replace("_", "-").replace(" ", "-") in _area_names(entry.area)
        or entry.id == part
        or entry.id.startswith(part.removesuffix("-") + "-")
        or fnmatchcase(entry.id, part)
    )


@cache
def _area_names(area: str) -> frozenset[str]:
    """Return the names by which an area is selected, in capitals: its own, its plural, and its title."""
    names = (area, f"{area}s", f"{area.removesuffix('y')}ies", load_areas()[area].title)
    return frozenset(name.upper().replace("_", "-").replace(" ", "-") for name in names)


def unknown(complaint: str, name: str, names: Iterable[str]) -> UnknownRequirement:
    """Return the error for an unknown name, with similar names."""
    near = _near(name, names)
    if not near:
        return UnknownRequirement(f"{complaint}.", remedy="`hsmspec list` shows them all.")
    return UnknownRequirement(f"{complaint}; near it: {near}.")


def _near(name: str, names: Iterable[str]) -> str:
    """Return similar names, separated by commas."""
    by_capitals = {known.upper(): known for known in names}
    found = get_close_matches(name.strip().upper(), by_capitals, n=3, cutoff=0.6)
    return ", ".join(by_capitals[capitals] for capitals in found)
