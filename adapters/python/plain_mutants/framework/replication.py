"""Replication that loses, overwrites or doubles."""

from __future__ import annotations

from typing import Any

from plain_hsm.framework.replication import ReplicatingCell
from plain_hsm.framework.store import NodePath, Version, Workflow
from plain_hsm.machine import HsmError, Task
from plain_hsm.node import Node
from plain_hsm.palette import PaletteError
from plain_mutants.framework.mutant import breaks


@breaks("REPL-TASKS-1")
class SyncStoresNoTasks(ReplicatingCell):
    """Sync replaces data without regenerating tasks."""

    def regenerated(self, data: Any) -> list[Task]:
        return super().regenerated(data)[:0]


@breaks("REPL-TASKS-1")
class SyncReplacesOneMachine(ReplicatingCell):
    """Sync replaces the data of one machine."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        taken = any(node.own_outputs for node in here.nodes().values())
        return not taken and super().take_node(here, there, path, incoming)


@breaks("REPL-TASKS-1")
class SyncRegeneratesFromTheStateBefore(ReplicatingCell):
    """Sync stores the tasks that the state from before calls for."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        before: Any = here.root.child(path).machine_data(object)
        self.before = before.regenerate_tasks() if before.value != -4 else []
        return super().take_node(here, there, path, incoming)

    def regenerated(self, data: Any) -> list[Task]:
        super().regenerated(data)
        return list(self.before)


@breaks("REPL-TASKS-1")
class SyncKeepsTheDataHere(ReplicatingCell):
    """Sync regenerates tasks without replacing data."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        incoming.data = here.root.child(path).data
        return super().take_node(here, there, path, incoming)


@breaks("REPL-EVENTS-1")
class SyncDoesNotWaitForEvents(ReplicatingCell):
    """Sync takes state before its events are there."""

    def check_events(self, here: Workflow, there: Workflow) -> None:
        """Do nothing."""


@breaks("REPL-EVENTS-1")
class SyncRefusesExtraEvents(ReplicatingCell):
    """Sync fails where there are events that the source does not have."""

    def check_events(self, here: Workflow, there: Workflow) -> None:
        if len(here.events) != len(there.events):
            raise HsmError("retry_replication")


@breaks("REPL-EVENTS-2")
class EventsAreAppliedAtTheVersionHere(ReplicatingCell):
    """An event that was replicated is dated by the cell that applies it."""

    def apply(self, workflow: Workflow, event: tuple[int, str, Version]) -> None:
        super().apply(workflow, event)
        workflow.events[-1] = (*event[:2], self.next_version(workflow))


@breaks("REPL-EVENTS-2")
class EventsAreAppliedAgain(ReplicatingCell):
    """Events that are there are applied again."""

    def known_events(self, name: str) -> int:
        return min(super().known_events(name), 1)


@breaks("REPL-EVENTS-2")
class EventsHaveNoTasks(ReplicatingCell):
    """The tasks of an event are not stored where it is replicated to."""

    replicating = False

    def replicate_events(self, source: ReplicatingCell, name: str) -> int:
        self.replicating = True
        try:
            return super().replicate_events(source, name)
        finally:
            self.replicating = False

    def requests(self, workflow: Workflow) -> Any:
        found = super().requests(workflow)
        return [] if self.replicating else found


@breaks("REPL-EVENTS-2")
class EventsAreNotRemembered(ReplicatingCell):
    """An event is applied and not added to the history."""

    def apply(self, workflow: Workflow, event: tuple[int, str, Version]) -> None:
        super().apply(workflow, event)
        workflow.events.pop()


@breaks("REPL-NEWER-1")
class SyncTakesEqualState(ReplicatingCell):
    """Sync takes state that is as old as the one here."""

    def is_newer(self, there: Version, here: Version) -> bool:
        return there >= here


@breaks("REPL-NEWER-1")
class SyncWritesWithoutNews(ReplicatingCell):
    """A sync without anything new writes."""

    def take(self, there: Workflow, here: Workflow) -> dict[str, Any] | None:
        return super().take(there, here) or {"active": False}


@breaks("REPL-NEWER-1")
class SyncDatesByItself(ReplicatingCell):
    """Sync does not take over when a machine last transitioned."""

    def take(self, there: Workflow, here: Workflow) -> dict[str, Any] | None:
        how = super().take(there, here)
        return how and how | {"synced": {}}


@breaks("REPL-NEWER-2")
class SyncTakesOlderState(ReplicatingCell):
    """Sync takes state that is different, be it older."""

    def is_newer(self, there: Version, here: Version) -> bool:
        return there != here


@breaks("REPL-NEWER-2")
class SyncComparesTransitionsAlone(ReplicatingCell):
    """Sync takes the state with more transitions, whatever the failover versions are."""

    def is_newer(self, there: Version, here: Version) -> bool:
        return there[1] > here[1]


@breaks("REPL-TASKS-1")
class SyncComparesVersionsAlone(ReplicatingCell):
    """Sync takes state of a newer failover version alone."""

    def is_newer(self, there: Version, here: Version) -> bool:
        return there[0] > here[0]


@breaks("REPL-COUNT-1")
class SyncCopiesCounts(ReplicatingCell):
    """A sync takes over the transition count."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        taken = super().take_node(here, there, path, incoming)
        if taken:
            here.root.child(path).count = incoming.count
        return taken


@breaks("REPL-COUNT-1")
class SyncDoesNotCount(ReplicatingCell):
    """A sync leaves the transition count as it was."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        taken = super().take_node(here, there, path, incoming)
        here.root.child(path).count -= taken
        return taken


@breaks("REPL-MISSING-1")
class SyncPassesOverMissingMachines(ReplicatingCell):
    """A machine that is not there is passed over."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        return path in here.versions and super().take_node(here, there, path, incoming)


@breaks("REPL-MISSING-1")
class SyncAddsMissingMachines(ReplicatingCell):
    """A machine that is not there is added."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        if path in here.versions:
            return super().take_node(here, there, path, incoming)
        here.root.child(path[:-1]).add_child(path[-1], incoming.machine_data(object))
        return True


@breaks("REPL-INITIAL-1")
class SyncMixesMachines(ReplicatingCell):
    """Sync takes the state of a different machine at the same path."""

    def check_initial(self, here: Workflow, there: Workflow, path: NodePath) -> None:
        """Do nothing."""


@breaks("REPL-INITIAL-1")
class SyncPassesOverDifferentMachines(ReplicatingCell):
    """A different machine at the same path is passed over."""

    def take_node(self, here: Workflow, there: Workflow, path: NodePath, incoming: Node) -> bool:
        if path in here.versions and here.versions[path][0][0] != there.versions[path][0][0]:
            return False
        return super().take_node(here, there, path, incoming)


@breaks("REPL-FAIL-1")
class SyncGoesOnWhereRegenerationFails(ReplicatingCell):
    """A machine that fails to regenerate is replaced without tasks."""

    def regenerated(self, data: Any) -> list[Task]:
        try:
            return super().regenerated(data)
        except PaletteError:
            return []


@breaks("REPL-FAIL-1")
class FailedSyncsStayInMemory(ReplicatingCell):
    """The effects of a failed sync stay in memory."""

    def sync(self, source: ReplicatingCell, name: str) -> bool:
        before = self.loaded.get(name)
        try:
            return super().sync(source, name)
        except (HsmError, PaletteError):
            if before:
                self.loaded[name] = before
            raise
