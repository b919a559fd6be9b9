"""Mutants by the requirement that kills them: from a score, or from a manifest whose mutants were not run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import msgspec

from hsm_specs.errors import InputError
from hsm_specs.files import read
from hsm_specs.mutants import Mutant, Report, load_manifest
from hsm_specs.mutants.scoring import Score
from hsm_specs.properties import PROPERTIES


class MutantEntry(NamedTuple):
    """A mutant: its fault, the requirement that it breaks, and how it was killed (empty if it was not run)."""

    name: str
    sentence: str
    breaks: str
    outcome: str
    survived: bool = False


class MutantsOf(NamedTuple):
    """The mutants of a requirement.

    ``own`` are the mutants that break it, ``others`` those that break another requirement but are also killed by this
    one's property. ``scored`` says whether any mutant was run.
    """

    own: tuple[MutantEntry, ...]
    others: tuple[MutantEntry, ...]
    scored: bool


@dataclass(frozen=True, slots=True)
class Mutants:
    """Scores and manifests, and sentences that describe them."""

    scores: tuple[Score, ...] = ()
    unscored: tuple[Mutant, ...] = ()
    sources: tuple[str, ...] = ()

    def of(self, requirement: str) -> MutantsOf:
        """Return the mutants of a requirement."""
        own = [_scored(score, requirement) for score in self.scores if score.mutant.requirement == requirement]
        own += [_listed(mutant) for mutant in self.unscored if mutant.requirement == requirement]
        others = [
            _scored(score, requirement)
            for score in self.scores
            if score.mutant.requirement != requirement and requirement in score.red
        ]
        return MutantsOf(tuple(own), tuple(others), scored=bool(self.scores))


NO_MUTANTS = Mutants()


def load_mutants(paths: Iterable[Path]) -> Mutants:
    """Read mutants from scores (`hsmspec mutants --json`) or manifests. Raise `InputError` for other files."""
    scores: list[Score] = []
    unscored: list[Mutant] = []
    sources: list[str] = []
    for path in paths:
        found = _load(path)
        if isinstance(found, Report):
            scores += found.scores
            sources.append(
                f"The score {path.name}: {found.killed} of {found.mutants} mutants are killed,"
                f" {found.attributed} of them attributed to the requirement that they break."
            )
        else:
            unscored += found
            sources.append(f"The manifest {path.name}: {len(found)} mutants, which were not run for this book.")
    return Mutants(tuple(scores), tuple(unscored), tuple(sources))


def _load(path: Path) -> Report | Sequence[Mutant]:
    content = read(path)
    if content.lstrip().startswith(b"["):
        return load_manifest(str(path))
    try:
        return msgspec.json.decode(content, type=Report)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise InputError(
            f"{path} is neither a score of mutants nor a manifest ({error}).",
            remedy="`hsmspec mutants --json FILE MANIFEST` writes scores.",
        ) from None


def _listed(mutant: Mutant) -> MutantEntry:
    return MutantEntry(mutant.name, mutant.sentence, mutant.requirement, "")


def _scored(score: Score, requirement: str) -> MutantEntry:
    mutant = score.mutant
    return MutantEntry(
        mutant.name,
        mutant.sentence,
        mutant.requirement,
        "; ".join(_outcome(score, requirement)),
        survived=not score.killed,
    )


def _outcome(score: Score, requirement: str) -> Iterator[str]:
    """Yield how a mutant was killed, for the entry of a requirement."""
    if not score.killed:
        yield f"survived ({score.trouble})" if score.trouble else "survived"
        return
    by = score.killed_by
    after = f"after {score.after:,} operations"
    if by == requirement:
        yield f"killed by this property {after}"
    elif by in PROPERTIES and requirement in score.red:
        yield f"killed by this property too, first by that of {by} {after}"
    else:
        yield f"killed by {f'the property of {by}' if by in PROPERTIES else f'the {by}'} {after}"
    if requirement == score.mutant.requirement and not score.attributed:
        yield f"attributed to {score.named}"
