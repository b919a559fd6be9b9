"""Redaction: commands without their arguments, in everything that is printed, reported or saved."""

from __future__ import annotations

import shlex
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from hsm_specs.errors import Forwarded, NotWritten, ToolError, Trouble
from hsm_specs.results.events import Consumer, Event

REDACTED = "<redacted>"
"""The text that stands for the arguments of a command."""
_SHORTEST = 4
"""The fewest characters of an argument that is replaced where it stands by itself; shorter ones occur by chance."""


def redacted(command: Sequence[str]) -> tuple[str, ...]:
    """Return a command without its arguments."""
    return tuple(command) if len(command) < 2 else (command[0], REDACTED)


def is_redacted(command: Sequence[str]) -> bool:
    """Return whether the arguments of a command were left out when it was saved."""
    return command[1:] == (REDACTED,)


class Redaction:
    """Leaves out the arguments of some commands."""

    def __init__(self, *commands: Sequence[str]) -> None:
        self._commands = {tuple(command) for command in commands}
        arguments = {argument for command in commands for argument in command[1:] if len(argument) >= _SHORTEST}
        joined = {shlex.join(command[1:]) for command in commands if command[1:]}
        # Longer ones first, since one may contain another.
        self._texts = sorted(joined | arguments | set(map(shlex.quote, arguments)), key=len, reverse=True)

    def text(self, text: str) -> str:
        """Return a text, as an adapter's complaint, without the arguments that it repeats."""
        for argument in self._texts:
            text = text.replace(argument, REDACTED)
        return text

    def trouble(self, trouble: Trouble) -> Trouble:
        """Return an error without the arguments in its texts."""
        return Trouble(trouble.code, self.text(trouble.message), tuple(map(self.text, trouble.stderr)))

    def consumer(self, consume: Consumer) -> Consumer:
        """Return a consumer that passes each event on without the arguments."""

        def consume_redacted(event: Event) -> None:
            consume(self._redacted(event))

        return consume_redacted

    @contextmanager
    def errors(self) -> Generator[None]:
        """Raise errors without the arguments."""
        try:
            yield
        except ToolError as error:
            if isinstance(error, NotWritten):
                raise
            raise Forwarded(self.trouble(error.trouble())) from None

    def _redacted(self, value: Any) -> Any:
        """Return a value with the commands and errors in it redacted."""
        if isinstance(value, Trouble):
            return self.trouble(value)
        if isinstance(value, tuple) and value in self._commands:
            return redacted(value)
        if not isinstance(value, Struct):
            return value
        members = {name: getattr(value, name) for name in value.__struct_fields__}
        changed = {name: new for name, old in members.items() if (new := self._redacted(old)) is not old}
        if isinstance(members.get("note"), str):
            changed["note"] = self.text(members["note"])
        return replace(value, **changed) if changed else value
