"""Nodes that take two IDs for one when children are added."""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import unquote

from plain_hsm.node import Key, Node
from plain_mutants.mutant import breaks


class Folding(Node):
    """A node that knows its children by something that it makes of their IDs."""

    def fold(self, id_: str) -> str:
        """The name that children are known by: the ID, until a mutant says otherwise."""
        return id_

    def known(self, key: Key) -> Key:
        """The key of the child that is known by the same."""
        if key in self.children and self.fold(key.id) == key.id:
            return key
        folded = key.type, self.fold(key.id)
        return next((known for known in self.children if (known.type, self.fold(known.id)) == folded), key)

    def add_child(self, key: Key, data: object) -> Node:
        known = self.known(key)
        return super().add_child(known, data)

    def child(self, path: Iterable[Key]) -> Node:
        node: Node = self
        for key in path:
            node = Node.child(node, [node.known(key) if isinstance(node, Folding) else key])
        return node


@breaks("NODE-ADD-1")
class CaseIsIgnored(Folding):
    """Children are known by their IDs in lower case."""

    def fold(self, id_: str) -> str:
        return id_.lower()


@breaks("NODE-ADD-1")
class CaseOfAsciiIsIgnored(Folding):
    """Children are known by their IDs with the letters of ASCII in upper case."""

    def fold(self, id_: str) -> str:
        return re.sub("[a-z]", lambda found: found[0].upper(), id_)


@breaks("NODE-ADD-1")
class BlanksAreTrimmed(Folding):
    """Children are known by their IDs without blanks before and behind."""

    def fold(self, id_: str) -> str:
        return id_.strip()


@breaks("NODE-ADD-1")
class TrailingSpacesAreCut(Folding):
    """Children are known by their IDs without spaces behind, as padded columns are compared."""

    def fold(self, id_: str) -> str:
        return id_.rstrip(" ")


@breaks("NODE-ADD-1")
class BlanksAreOne(Folding):
    """Children are known by their IDs with all blanks in a row made one."""

    def fold(self, id_: str) -> str:
        return re.sub(r"\s+", " ", id_)


@breaks("NODE-ADD-1")
class WidthlessCharactersAreDropped(Folding):
    """Children are known by their IDs without characters that have no width."""

    def fold(self, id_: str) -> str:
        return re.sub("[\u200b\u00ad\ufeff]", "", id_)


@breaks("NODE-ADD-1")
class NormalFormsAreOne(Folding):
    """Children are known by the normal form of their IDs."""

    def fold(self, id_: str) -> str:
        return unicodedata.normalize("NFC", id_)


@breaks("NODE-ADD-1")
class CompatibleFormsAreOne(Folding):
    """Children are known by their IDs with ligatures and wide digits resolved."""

    def fold(self, id_: str) -> str:
        return unicodedata.normalize("NFKC", id_)


@breaks("NODE-ADD-1")
class AccentsAreIgnored(Folding):
    """Children are known by their IDs without accents, as some collations compare them."""

    def fold(self, id_: str) -> str:
        return "".join(c for c in unicodedata.normalize("NFD", id_) if not unicodedata.combining(c))


@breaks("NODE-ADD-1")
class DigitsAreNumbers(Folding):
    """Children whose IDs are digits are known by the number."""

    def fold(self, id_: str) -> str:
        return str(int(id_)) if id_.isascii() and id_.isdigit() else id_


@breaks("NODE-ADD-1")
class NumbersAreFloats(Folding):
    """Children whose IDs are numbers are known by the floating-point number."""

    def fold(self, id_: str) -> str:
        try:
            return repr(float(id_))
        except ValueError:
            return id_


@breaks("NODE-ADD-1")
class TextEndsAtNul(Folding):
    """Children are known by their IDs up to the first NUL."""

    def fold(self, id_: str) -> str:
        return id_.partition("\0")[0]


@breaks("NODE-ADD-1")
class OneLineOfText(Folding):
    """Children are known by the first line of their IDs."""

    def fold(self, id_: str) -> str:
        return (id_.splitlines() or [""])[0]


@breaks("NODE-ADD-1")
class IdsInEightCharacters(Folding):
    """Children are known by the first 8 characters of their IDs."""

    def fold(self, id_: str) -> str:
        return id_[:8]


@breaks("NODE-ADD-1")
class IdsInThirtyTwoCharacters(Folding):
    """Children are known by the first 32 characters of their IDs."""

    def fold(self, id_: str) -> str:
        return id_[:32]


@breaks("NODE-ADD-1")
class IdsInSixtyFourBytes(Folding):
    """Children are known by the first 64 bytes of their IDs."""

    def fold(self, id_: str) -> str:
        return id_.encode()[:64].decode("latin1")


@breaks("NODE-ADD-1")
class IdsInAColumnOf255(Folding):
    """Children are known by the first 255 characters of their IDs."""

    def fold(self, id_: str) -> str:
        return id_[:255]


@breaks("NODE-ADD-1")
class IdsIn256Characters(Folding):
    """Children are known by the first 256 characters of their IDs."""

    def fold(self, id_: str) -> str:
        return id_[:256]


@breaks("NODE-ADD-1")
class IdsInABufferOf1000(Folding):
    """Children are known by the first 1000 characters of their IDs."""

    def fold(self, id_: str) -> str:
        return id_[:1000]


@breaks("NODE-ADD-1")
class IdsInTwoKilobytes(Folding):
    """Children are known by the first 2048 characters of their IDs."""

    def fold(self, id_: str) -> str:
        return id_[:2048]


@breaks("NODE-ADD-1")
class IdsAreLatin1(Folding):
    """Children are known by their IDs with question marks in place of what Latin-1 does not have."""

    def fold(self, id_: str) -> str:
        return id_.encode("latin1", "replace").decode("latin1")


@breaks("NODE-ADD-1")
class IdsAreAscii(Folding):
    """Children are known by the characters of their IDs that ASCII has."""

    def fold(self, id_: str) -> str:
        return id_.encode("ascii", "ignore").decode()


@breaks("NODE-ADD-1")
class CharactersAreBytes(Folding):
    """Children are known by the low byte of each character of their IDs."""

    def fold(self, id_: str) -> str:
        return "".join(chr(ord(c) & 0xFF) for c in id_)


@breaks("NODE-ADD-1")
class CharactersAreSixteenBits(Folding):
    """Children are known by the low 16 bits of each character of their IDs."""

    def fold(self, id_: str) -> str:
        return "".join(chr(ord(c) & 0xFFFF) for c in id_)


@breaks("NODE-ADD-1")
class HalfOfAPair(Folding):
    """Children are known by the first half of each pair of surrogates in their IDs."""

    def fold(self, id_: str) -> str:
        return "".join(c if ord(c) < 2**16 else chr(0xD800 + ((ord(c) - 2**16) >> 10)) for c in id_)


@breaks("NODE-ADD-1")
class CharactersBeyondThePlaneAreReplaced(Folding):
    """Children are known by their IDs with a replacement for each character beyond the basic plane."""

    def fold(self, id_: str) -> str:
        return "".join(c if ord(c) < 2**16 else "\ufffd" for c in id_)


@breaks("NODE-ADD-1")
class ControlCharactersAreDropped(Folding):
    """Children are known by their IDs without control characters."""

    def fold(self, id_: str) -> str:
        return "".join(c for c in id_ if unicodedata.category(c) != "Cc")


@breaks("NODE-ADD-1")
class PercentSignsAreResolved(Folding):
    """Children are known by their IDs as if they came from a URL."""

    def fold(self, id_: str) -> str:
        return unquote(id_)


@breaks("NODE-ADD-1")
class EntitiesAreResolved(Folding):
    """Children are known by their IDs as if they came from HTML."""

    def fold(self, id_: str) -> str:
        return html.unescape(id_)


@breaks("NODE-ADD-1")
class BackslashesAreDropped(Folding):
    """Children are known by their IDs without backslashes."""

    def fold(self, id_: str) -> str:
        return id_.replace("\\", "")


@breaks("NODE-ADD-1")
class QuotesAreDropped(Folding):
    """Children are known by their IDs without quotation marks around them."""

    def fold(self, id_: str) -> str:
        return id_.strip("\"'")


@breaks("NODE-ADD-1")
class PathsAreNormalized(Folding):
    """Children are known by their IDs without empty and dotted parts between slashes."""

    def fold(self, id_: str) -> str:
        return "/".join(part for part in id_.split("/") if part not in ("", "."))


@breaks("NODE-ADD-1")
class SeparatorsAreAlike(Folding):
    """Children are known by their IDs with a dash in place of all that is no letter and no digit."""

    def fold(self, id_: str) -> str:
        return re.sub(r"\W", "-", id_)


@breaks("NODE-ADD-1")
class WordsForNothingAreOne(Folding):
    """Children are known by the same nothing if their IDs say null, None, nil or undefined."""

    def fold(self, id_: str) -> str:
        return "" if id_ in ("null", "None", "nil", "undefined") else id_


@breaks("NODE-ADD-1")
class IdsByTheirHash(Folding):
    """Children are known by the hash code that Java has for their IDs."""

    def fold(self, id_: str) -> str:
        code = 0
        for c in id_:
            code = (31 * code + ord(c)) & 0xFFFFFFFF
        return str(code)


@breaks("NODE-ADD-1")
class IdsByTheirLetters(Folding):
    """Children are known by the sum of the characters of their IDs."""

    def fold(self, id_: str) -> str:
        return str(sum(map(ord, id_)))


@breaks("NODE-ADD-1")
class PrototypeIsNoChild(Node):
    """A child with the ID __proto__ is made and kept nowhere."""

    def persisted(self) -> list[object]:
        count, data, children = super().persisted()
        return [count, data, [child for child in children if child[1] != "__proto__"]]


@breaks("NODE-CHILD-2")
class MembersOfObjectsAreChildren(Node):
    """Child finds the node itself under names that every object has, though nothing was added."""

    def child(self, path: Iterable[Key]) -> Node:
        keys = list(path)
        if keys and keys[-1].id in ("constructor", "toString", "valueOf") and keys[-1] not in self.children:
            return self
        return super().child(keys)
