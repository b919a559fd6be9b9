"""Machines that are wrong."""

from plain_hsm.machine import Task
from plain_hsm.palette import Machine
from plain_mutants.mutant import breaks


@breaks("MACH-STATE-1")
class StateIsSetOnce(Machine):
    """The state that a machine is made with stays."""

    def __setattr__(self, name: str, value: int) -> None:
        if name != "state" or not hasattr(self, name):
            super().__setattr__(name, value)


@breaks("MACH-STATE-1")
class StateInTwoBits(Machine):
    """States from 4 on are cut off."""

    def __setattr__(self, name: str, value: int) -> None:
        super().__setattr__(name, value % 4 if name == "state" else value)


@breaks("MACH-TASKS-2")
class TasksOfTheFirstState(Machine):
    """The tasks that belong to a state are made with the machine, and not again for later states."""

    def regenerate_tasks(self) -> list[Task]:
        return self.tasks

    def __post_init__(self) -> None:
        self.tasks = super().regenerate_tasks()


@breaks("MACH-TASKS-2")
class OutboundTasksAreNotMadeAnew(Machine):
    """Timers are made again and outbound tasks are not."""

    def regenerate_tasks(self) -> list[Task]:
        return [task for task in super().regenerate_tasks() if isinstance(task.kind, int)]
