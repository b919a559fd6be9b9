"""Confusions: values that a careless implementation takes for one another or alters, by domain.

A group has values of which an implementation that trims, folds case, cuts, converts, joins or compares loosely takes
some for the same one. All are valid: they are within the bounds of `hsm_specs.language.shapes`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Final

from hsm_specs.language.shapes import EARLIEST, LATEST, Domain

Group = tuple[Any, ...]

CUTS: Final = (8, 16, 31, 32, 63, 64, 127, 128, 255, 256, 1000, 4095)
"""Lengths at which text is cut, by a column, a buffer or a length byte. Text has 4,096 characters at most."""


def _cut() -> Iterator[Group]:
    """Yield texts that are the same up to a length, and beyond it not."""
    for length in CUTS:
        yield "x" * length, "x" * length + "a", "x" * length + "b"
    for length in (8, 32, 64, 255):
        yield "a" + "x" * length, "b" + "x" * length
    yield "x" * 64 + "a" + "x" * 64, "x" * 64 + "b" + "x" * 64
    yield "ä" * 128, "ä" * 128 + "a", "ä" * 127 + "a"


TEXTS: Final[tuple[Group, ...]] = (
    # case
    ("a", "A"),
    ("straße", "STRASSE", "strasse"),
    ("i", "I", "\u0131", "\u0130"),
    ("k", "K", "\u212a"),
    ("s", "S", "\u017f"),
    # blanks, and characters without a width
    ("a", " a", "a ", "a\t", "\na", "a\n", "a\r\n"),
    ("a", "a\u00a0", "a\u3000", "a\u200b", "\ufeffa", "a\u00ad"),
    ("", " ", "\t", "\u00a0", "\u200b", "\ufeff"),
    ("a b", "a  b", "ab", "a\tb", "a_b"),
    # the same text in several normal forms
    ("é", "e\u0301", "e"),
    ("\u00c5", "\u212b", "A\u030a"),
    ("\ufb01", "fi"),
    ("1", "\uff11", "\u0661", "¹"),
    # text that reads as the same number
    ("1", "01", "+1", "1.0", "1e0", "0x1", "1_0", "10"),
    ("0", "-0", "00", "0.0", "", "-1"),
    ("9007199254740992", "9007199254740993", "9007199254740993.0"),
    # numbers and names in the order of an object's members
    ("2", "10", "1", "b", "a"),
    # the end of a string in C
    ("a", "a\0", "a\0b", "\0", "\0a"),
    # beyond the basic plane: halves of pairs, the order of UTF-16, characters of replacement
    ("\U0001f600", "\U0001f601", "\ufffd", "\ufffd\ufffd", "?"),
    ("\U00010000", "\U0010ffff", "\ue000", "\uffff", "\ud7ff"),
    ("\U0001d4b6", "a", "\U000100e9", "é"),
    # one encoding read as another, and characters cut to a byte
    ("ä", "Ã¤", "a", "ae", "\x84"),
    ("€", "¬", "â\x82¬", "\x80"),
    ("š", "\u0161a", "aa", "\u0101", "\x01"),
    ("д", "4", "\x04", "д4"),
    # quotes and escapes
    ('"', "'", "`", '\\"', "\\", "\\\\"),
    ("a", "\\u0061", "&#97;", "%61"),
    ("\n", "\\n", "\\\n", "n"),
    ("&", "&amp;", "<", "&lt;", "\u003e"),
    ("a%2Fb", "a/b", "a%252Fb", "a+b", "a b"),
    ("$1", "${a}", "{}", "{0}", "%s", "%d", "$&"),
    # line ends that are none in JSON, and control characters
    ("a", "a\u2028", "a\u2029", "a\u0085", "a\x0b", "a\x0c"),
    ("a", "\x01a", "\x1ba", "a\x7f", "a\b", "a\x1f", "\x1b[31ma"),
    # members that objects have without being given them
    ("__proto__", "constructor", "toString", "hasOwnProperty", "valueOf", "prototype", "length", "__class__"),
    ("then", "toJSON", "__defineGetter__", "isPrototypeOf", "name", "key", "id", "type", "children"),
    ("null", "undefined", "None", "nil", "NaN", "true", "false", "[object Object]", ""),
    # separators of joined keys and paths
    ("a", "a/b", "b", "/", "a/", "/a", "a//b"),
    ("a", "a:b", ":", "1:a", "2:a", "a:", ":a"),
    ("a", "1/a", "2/a", "1|a", "1,a", "1.a", "1-a", "1a", "11a"),
    ("a", "a.b", "a,b", "a&b", "a;b", "a-b", "a=b", "a\x1fb", "a#b", "a@b"),
    (".", "..", "./a", "../a", "a/..", "a/../b", "*", "a*", "?", "[a]", "~"),
    # patterns
    ("a", "a.", "a+", "(a", "^a", "a$", "\\w", "[^b]", "a|b"),
    ("a", "a%", "a_", "%", "_", "a' OR '1'='1"),
    # signs of several code points
    ("\u2764", "\u2764\ufe0f", "\U0001f468\u200d\U0001f469", "\U0001f468", "\U0001f469"),
    # prefixes, and the same letters in another order
    ("a", "ab", "abc", "b", "ba", "aa"),
    # equal by the hash codes of Java, by sums of characters and by lengths
    ("Aa", "BB", "aA", "bb"),
    *_cut(),
)

NUMBERS: Final[tuple[Group, ...]] = (
    (0, 1, 2),
    (5, -5, 6),
    (1, 257, 65537, 2**32 + 1),
    (0, 256, 65536, 2**32, 2**48),
    (127, 128, -128, -129, 255),
    (32767, 32768, -32768, 65535),
    (2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**32 - 1),
    (2**53 - 1, 2**53 - 2, -(2**53) + 1, 2**52, 2**52 + 1),
    (2**24, 2**24 + 1, 2**24 + 2),
    (-4, -5, -6, 4, 3),
    (1000, 1001, 1999, 1_000_000),
    (10, 100, 110, 101),
    (10**15, 10**15 + 1, 10**14, 10**9 + 1),
    (7, 0, -7, 70),
)
"""Without -1, -2 and -3, which the palette gives a meaning."""

ODD_TYPES: Final[tuple[Group, ...]] = (
    (1, 257, 65537, 16777217),
    (1, -1, 3, -3),
    (1, 11, 101, 111),
    (127, -129, 129, -127),
    (2**31 - 1, -(2**31) + 1, 32767, -1),
    (7, 71, 17, -7),
)
EVEN_TYPES: Final[tuple[Group, ...]] = (
    (0, 2, 4),
    (2, 258, 65538, 16777218),
    (0, 256, 65536, -(2**31)),
    (2, -2, 4, -4),
    (10, 100, 20, 200),
    (2**31 - 2, -(2**31), 32768, -32768),
)

INSTANTS: Final[tuple[Group, ...]] = (
    (0, 1, 1000, 1001, 1999, -1),
    (1000, 1_000_000, 1_000_000_000, 1),
    (-1000, -999, -1001, -1999, 1000),
    (2**31 * 1000, 2**31, 2**32, -(2**31) * 1000),
    (LATEST, LATEST - 1, LATEST - 999, 32503680000000),
    (EARLIEST, EARLIEST + 1, EARLIEST + 1000, 0),
    (9_223_372_036_854, 9_223_372_036_855, -9_223_372_036_855, 18_446_744_073_710),
    (1_709_164_800_000, 1_709_251_199_999, 951_782_400_000, 1_721_934_001_001),
    (10**12, 10**12 + 1, 10**12 + 999, 10**9),
)
"""Milliseconds: other units, before 1970, the ends of calendars and of nanoseconds in 64 bits, leap days."""

COUNTS: Final[tuple[Group, ...]] = tuple(
    positive for group in NUMBERS if len(positive := tuple(number for number in group if number >= 0)) > 1
)
VERSIONS: Final[tuple[Group, ...]] = (*NUMBERS, (-24, 0, 24, -1, 1))
"""Failover versions, among them what Temporal has for none."""

CONFUSIONS: Final[Mapping[Domain, tuple[tuple[Any, ...], ...]]] = MappingProxyType(
    {
        Domain.ID: TEXTS,
        Domain.DESTINATION: (("", "0", "1000", "false", "dest", "x"), *TEXTS),
        Domain.NAMESPACE_ID: TEXTS,
        Domain.WORKFLOW_ID: TEXTS,
        Domain.RUN_ID: TEXTS,
        Domain.STATE: (*NUMBERS, (0, -1, -2, 1)),
        Domain.VALUE: NUMBERS,
        Domain.PAYLOAD: (*NUMBERS, (0, -1, -2, 1)),
        Domain.EVENT: (*NUMBERS, (0, -1, -2, 1)),
        Domain.TAG: (*NUMBERS, (0, -1, -2, 1)),
        Domain.DEADLINE: INSTANTS,
        Domain.TIME: INSTANTS,
        Domain.COUNT: COUNTS,
        Domain.FAILOVER_VERSION: VERSIONS,
        Domain.MACHINE_TYPE: (*ODD_TYPES, *EVEN_TYPES),
        Domain.TASK_TYPE: (*ODD_TYPES, *EVEN_TYPES),
    }
)
"""The groups of each domain whose values programs are free to choose."""


def alphabet(domain: Domain) -> tuple[Any, ...]:
    """Return all values of a domain's groups, each once."""
    return tuple(dict.fromkeys(value for group in CONFUSIONS[domain] for value in group))
