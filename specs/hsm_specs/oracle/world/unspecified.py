"""Where the specification ends: what programs must keep away from, and the bookkeeping that notices it."""

from __future__ import annotations

from hsm_model.node import Tree
from hsm_model.state import Path
from hsm_specs.language.palette import PaletteMachine


class Unspecified(BaseException):
    """The documentation does not say what the operation does. ``requirement`` is the catalogue's entry about it.

    Not an `Exception`: a function under test must not swallow it.
    """

    def __init__(self, requirement: str, reason: str) -> None:
        super().__init__(f"{requirement}: {reason}")
        self.requirement = requirement


class Excluded(BaseException):
    """The operation needs a feature that is switched off, since an implementation is known to deviate in it."""

    def __init__(self, feature: str) -> None:
        super().__init__(feature)
        self.feature = feature


FEATURES = {
    "panic-in-transition": "A panic goes through a transition's function.",
    "swallowed-inner-failure": "A transition fails inside a transition of the same node, which then succeeds.",
}
"""The features that generators can avoid, by name."""


class Frame:
    """A transition that is under way.

    ``changed`` says that the function has changed its data; ``overtaken`` that a transition of the same node ran and
    succeeded inside, so that whose data wins is unspecified until the function has set both halves of its own again.
    """

    __slots__ = ("changed", "inner_failed", "overtaken", "path", "state_known", "tree", "value_known")

    def __init__(self, tree: Tree, path: Path) -> None:
        self.tree = tree
        self.path = path
        self.changed = False
        self.inner_failed = False
        self.overtaken = False
        self.state_known = True
        self.value_known = True


class Slot:
    """A machine that a handle names: free, or the data of a transition.

    ``frame`` is that of the transition under way whose data it is. A ``spent`` one is data that the tree may still
    hold, so that reading or changing it from outside is unspecified.
    """

    __slots__ = ("data", "frame", "spent")

    def __init__(self, data: PaletteMachine, frame: Frame | None = None) -> None:
        self.data = data
        self.frame = frame
        self.spent = False

    def check_readable(self) -> None:
        """Raise `Unspecified` where what the machine holds is not specified."""
        if self.spent:
            raise Unspecified("DATA-DIRECT-1", "data of a node is used outside its transition")
        frame = self.frame
        if frame is not None and not (frame.state_known and frame.value_known):
            raise Unspecified("MT-NESTED-3", "data is read after a nested transition of the same node")

    def check_changeable(self, frames: list[Frame]) -> None:
        """Raise `Unspecified` where changing the machine is not specified; note the change otherwise."""
        if self.spent:
            raise Unspecified("DATA-DIRECT-1", "data of a node is changed outside its transition")
        frame = self.frame
        if frame is not None:
            if frame is not frames[-1]:
                raise Unspecified("DATA-DIRECT-1", "the data of an outer transition is changed inside a nested one")
            frame.changed = True
