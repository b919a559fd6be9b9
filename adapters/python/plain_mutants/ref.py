"""References that are wrong."""

from plain_hsm.node import Key, Ref
from plain_mutants.mutant import breaks


@breaks("REF-PATH-1")
class RefPathIsReversed(Ref):
    """The path of a reference begins with the machine itself."""

    def state_machine_path(self) -> list[Key]:
        return self.path[::-1]


@breaks("REF-PATH-1")
class RefPathLosesItsEnd(Ref):
    """The path of a reference ends with the machine's parent."""

    def state_machine_path(self) -> list[Key]:
        return self.path[:-1]


@breaks("REF-PATH-1")
class RefPathIsASet(Ref):
    """A key that comes again in the path of a reference is left out."""

    def state_machine_path(self) -> list[Key]:
        return list(dict.fromkeys(self.path))


@breaks("REF-PATH-1")
class RefPathIsSorted(Ref):
    """The keys in the path of a reference are sorted."""

    def state_machine_path(self) -> list[Key]:
        return sorted(self.path)
