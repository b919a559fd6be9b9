"""References that are compared wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import Ref, Workflow
from plain_hsm.machine import HsmError
from plain_hsm.node import Node
from plain_mutants.framework.mutant import breaks


@breaks("REF-COUNT-1")
class CountsAreNotCompared(ReplicatingCell):
    """A reference with another count is followed."""

    def check_count(self, node: Node, ref: Ref) -> None:
        """Do nothing."""


@breaks("REF-COUNT-1")
class OlderCountsAreFollowed(ReplicatingCell):
    """A reference is followed after its machine has transitioned."""

    def check_count(self, node: Node, ref: Ref) -> None:
        if ref.expected > node.count:
            raise HsmError("stale_reference")


@breaks("REF-COUNT-1")
class NewerCountsAreFollowed(ReplicatingCell):
    """A reference is followed before its machine has transitioned as often."""

    def check_count(self, node: Node, ref: Ref) -> None:
        if 0 < ref.expected < node.count:
            raise HsmError("stale_reference")


@breaks("REF-COUNT-1")
class CountsAreComparedUnderWriteAlone(ReplicatingCell):
    """Read access does not compare counts."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        seen = ref if ref is None or write else ref._replace(expected=0)
        return super().access(name, seen, write, accessor, task_id)


@breaks("REF-COUNT-2")
class ZeroIsCompared(ReplicatingCell):
    """A count of 0 matches only machines without transitions."""

    def check_count(self, node: Node, ref: Ref) -> None:
        if ref.expected != node.count:
            raise HsmError("stale_reference")


@breaks("REF-VERSION-1")
class VersionsAreNotCompared(ReplicatingCell):
    """A reference with another failover version is followed."""

    def check_version(self, workflow: Workflow, ref: Ref, stale: str) -> None:
        """Do nothing."""


@breaks("REF-VERSION-1")
class OlderVersionsAreFollowed(ReplicatingCell):
    """A reference with an older failover version is followed."""

    def check_version(self, workflow: Workflow, ref: Ref, stale: str) -> None:
        if ref.version > workflow.versions[ref.path][0][0]:
            raise HsmError(stale)


@breaks("REF-VERSION-2")
class VersionOfTheLastUpdateIsCompared(ReplicatingCell):
    """A reference is compared with the failover version in which its machine last transitioned."""

    def check_version(self, workflow: Workflow, ref: Ref, stale: str) -> None:
        if workflow.versions[ref.path][1][0] != ref.version:
            raise HsmError(stale)


@breaks("REF-VERSION-2")
class VersionOfTheNamespaceIsCompared(ReplicatingCell):
    """A reference is compared with the failover version of the namespace."""

    def check_version(self, workflow: Workflow, ref: Ref, stale: str) -> None:
        if self.framework.version != ref.version:
            raise HsmError(stale)


@breaks("REF-MISSING-1")
class MissingMachinesAreNotFound(ReplicatingCell):
    """A reference to a machine that does not exist fails as the tree does."""

    def look_up(self, workflow: Workflow, ref: Ref, stale: str) -> Node:
        return workflow.root.child(ref.path)


@breaks("REF-MISSING-1")
class MissingMachinesAreTheirParents(ReplicatingCell):
    """A reference to a machine that does not exist leads to the one above it."""

    def look_up(self, workflow: Workflow, ref: Ref, stale: str) -> Node:
        known = ref.path[:-1] if ref.path not in workflow.versions else ref.path
        return super().look_up(workflow, ref._replace(path=known), stale)

    def check_version(self, workflow: Workflow, ref: Ref, stale: str) -> None:
        if ref.path in workflow.versions:
            super().check_version(workflow, ref, stale)


@breaks("REF-MISSING-2")
class UnregisteredTypesAreStale(ReplicatingCell):
    """A reference to a type that is not registered is stale."""

    def look_up(self, workflow: Workflow, ref: Ref, stale: str) -> Node:
        try:
            return super().look_up(workflow, ref, stale)
        except HsmError as error:
            raise HsmError(stale) from error


@breaks("REF-CALLED-1")
class StaleReferencesCallTheAccessor(ReplicatingCell):
    """The count is compared after the accessor was called."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        seen = ref and ref._replace(expected=0)

        def called(node: Node) -> Any:
            result = accessor(node)
            if ref:
                self.check_count(node, ref)
            return result

        return super().access(name, seen, write, called, task_id)


@breaks("REF-ACCESS-1")
class AccessorsGetTheRoot(ReplicatingCell):
    """The accessor is called with the root."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        def called(node: Node) -> Any:
            while node.parent:
                node = node.parent
            return accessor(node)

        return super().access(name, ref, write, called, task_id)


@breaks("REF-ACCESS-1")
class AccessorsGetTheFirstLevel(ReplicatingCell):
    """The accessor is called with the machine below the root that the path begins with."""

    def look_up(self, workflow: Workflow, ref: Ref, stale: str) -> Node:
        super().look_up(workflow, ref, stale)
        return workflow.root.child(ref.path[:1])


@breaks("REF-RELOAD-1")
class NothingIsLoadedAgain(ReplicatingCell):
    """A reference that memory is behind of is stale."""

    def staleness(self, task_id: int, reloaded: bool) -> str:
        return "stale_reference"


@breaks("REF-RELOAD-1")
class CountsLoadAgainToo(ReplicatingCell):
    """A reference with another count makes the workflow be loaded again."""

    def find(self, workflow: Workflow, ref: Ref | None, task_id: int, *, reloaded: bool) -> Node:
        try:
            return super().find(workflow, ref, task_id, reloaded=reloaded)
        except HsmError as error:
            if str(error) == "stale_reference" and not reloaded and not task_id:
                raise HsmError("stale_state") from error
            raise


@breaks("REF-VERSION-1")
class StaleStateIsReported(ReplicatingCell):
    """A reference that does not match after the workflow was loaded again ends as stale state."""

    def staleness(self, task_id: int, reloaded: bool) -> str:
        return "stale_reference" if task_id else "stale_state"


@breaks("REF-LOADED-1")
class StaleReferencesUnload(ReplicatingCell):
    """A stale reference unloads the workflow."""

    def access(self, name: str, ref: Ref | None, write: bool, accessor: Callable[[Node], Any], task_id: int = 0) -> Any:
        try:
            return super().access(name, ref, write, accessor, task_id)
        except HsmError as error:
            if str(error) == "stale_reference":
                self.unload(name)
            raise
