"""Make foreign text printable: names, messages and values that come from adapters, files and command lines.

Everything that writes such text to a terminal, a log, a page or a picture uses this module.
"""

from __future__ import annotations

import re
import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_COMMAND = re.compile(r"^(\s*):(?=:)|(?<=#)#(?=\[)")
"""Commands in the log of a GitHub workflow: `::name::` at the beginning of a line, `##[name]` anywhere."""


def printable(text: str) -> str:
    """Return the text as one line that a terminal only prints and a CI log takes for no command.

    Control characters, line breaks, bidirectional controls and lone surrogates become U+FFFD. Spaces of all kinds stay.
    """
    if text.isprintable() and ":" not in text and "#" not in text:
        return text
    line = "".join(c if c.isprintable() or unicodedata.category(c) == "Zs" else REPLACEMENT for c in text)
    return _COMMAND.sub(rf"\1{REPLACEMENT}", line)


def printable_lines(text: str) -> str:
    """Return a text of several lines with each line made `printable`."""
    return "\n".join(map(printable, text.split("\n")))


def xml_text(text: str) -> str:
    """Return the text with the characters that XML and HTML cannot hold replaced. Line breaks stay."""
    return _NOT_XML.sub(REPLACEMENT, text)
