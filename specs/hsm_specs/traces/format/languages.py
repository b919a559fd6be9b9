"""Languages: in which words a recording is written, what is known of them, and whose recording it is."""

from __future__ import annotations

from typing import Final

from hsm_specs.adapter.answers import shown
from hsm_specs.language.messages import Dialect
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.traces.format.open_worlds import Open
from hsm_specs.traces.format.record import Foreign, Header
from hsm_specs.traces.format.vocabulary import Palette, Vocabulary
from hsm_specs.traces.judging.prefix_cache import Prefixes

UNSAID: Final = ("", "unknown")
"""Versions that say none: recorders write the second where the program that they are part of does not know it."""
Language = tuple[Vocabulary, Prefixes]
"""The words of recordings, and what is known of them."""


class Languages:
    """The languages of what is judged together. Those of the palette are shared, by dialect.

    Which types there are, and whether they can be told apart, is another question for each recording of an open world.
    """

    def __init__(self) -> None:
        self._palette: dict[Dialect, Language] = {}

    def of(self, header: Header) -> Language:
        """The language of a recording."""
        if header.world == "open":
            return Open(header.dialect), Prefixes()
        if header.dialect not in self._palette:
            self._palette[header.dialect] = Palette(), Prefixes()
        return self._palette[header.dialect]


def refuse_others(header: Header, known: Deviations) -> None:
    """Raises Foreign for a recording of another implementation than the known deviations are of.

    What a header does not say, or a recorder did not find out, may be what is meant.
    """
    version = known.version if header.version in UNSAID else header.version
    found = known.mismatch(header.implementation or known.implementation, version)
    if found is not None:
        what, mine, theirs = found
        raise Foreign(
            f"the known deviations are those of {what} {mine}, and this is a recording of {shown(theirs.encode())}"
            " (give `--deviations` the file of the implementation that was recorded)"
        )
