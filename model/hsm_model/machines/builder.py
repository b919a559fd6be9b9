"""A builder of machines whose guards and data are checked by a type checker."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from hsm_model.machines.declared import MachineDeclaration, Move, Outbound, State, Timer, no_data
from hsm_model.machines.properties import Property

D = TypeVar("D")


class MachineBuilder(Generic[D]):
    """A machine in the making, with data of the type ``D``, which guards read and updates replace.

    The first state that is named is the initial one. Without ``data``, which makes that of a new machine, it has none.
    """

    @overload
    def __init__(
        self: MachineBuilder[None],
        name: str,
        *,
        events: tuple[str, ...] = ...,
        outside: tuple[str, ...] | None = ...,
        description: str = ...,
    ) -> None: ...

    @overload
    def __init__(
        self,
        name: str,
        data: Callable[[], D],
        *,
        events: tuple[str, ...] = ...,
        outside: tuple[str, ...] | None = ...,
        description: str = ...,
    ) -> None: ...

    def __init__(
        self,
        name: str,
        data: Callable[[], Any] = no_data,
        *,
        events: tuple[str, ...] = (),
        outside: tuple[str, ...] | None = None,
        description: str = "",
    ) -> None:
        self._name = name
        self._data = data
        self._events = events
        self._outside = outside
        self._description = description
        self._tasks: dict[str, tuple[Timer | Outbound, ...]] = {}
        self._moves: dict[str, dict[str, tuple[Move, ...]]] = {}
        self._final: set[str] = set()
        self._descriptions: dict[str, str] = {}
        self._properties: list[Property] = []

    def state(self, name: str, *tasks: Timer | Outbound, description: str = "") -> None:
        """Add a state with the tasks that it emits. Raise ValueError if it is there."""
        if name in self._moves:
            raise ValueError(f"there is a state `{name}` already")
        self._moves[name] = {}
        self._tasks[name] = tasks
        self._descriptions[name] = description

    def final(self, *names: str) -> None:
        """Add terminal states. Raise ValueError if one is there."""
        for name in names:
            self.state(name)
            self._final.add(name)

    def on(
        self,
        source: str,
        event: str,
        target: str,
        *,
        guard: Callable[[D], bool] | str = "",
        update: Callable[[D], D] | None = None,
    ) -> None:
        """Add a move, which is tried after those of the same state and event. Raise ValueError for an unknown source.

        ``guard`` says by the data whether it is taken; a name stands for what the data does not say. ``update``
        returns the data after it, and leaves what it is given as it is.
        """
        if source not in self._moves:
            raise ValueError(f"there is no state `{source}` to leave: add it first")
        moves = self._moves[source]
        moves[event] = (*moves.get(event, ()), Move(target, guard, update))

    def expect(self, *properties: Property) -> None:
        """Add properties that the machine is to have, for `hsmspec check`."""
        self._properties += properties

    def build(self) -> MachineDeclaration:
        """Return the machine. Raise ValueError, which names the place, for what cannot be a machine."""
        return MachineDeclaration(
            name=self._name,
            initial=next(iter(self._moves), ""),
            states={
                name: State(moves, self._tasks[name], name in self._final, self._descriptions[name])
                for name, moves in self._moves.items()
            },
            description=self._description,
            data=self._data,
            declared_events=self._events,
            outside=self._outside,
            properties=tuple(self._properties),
        )
