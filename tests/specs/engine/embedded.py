"""Implementations of the folder in this process: the same answers, without a start of Python for each adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from hsm_specs.adapter import Adapter, InProcess
from hsm_specs.adapter.in_process import Failed
from hsm_specs.adapter.serve import GREETING, Implementation, answer, observe
from hsm_specs.errors import Ended
from hsm_specs.language.messages import Greeting
from hsm_specs.language.operations import tag

from .implementations.amended import amended
from .implementations.core_only import CORE
from .implementations.flaky import flaky
from .implementations.panics import panicking
from .implementations.remembers import remembering


def ending(name: str, *amendments: str) -> Implementation:
    """Return the model as amended, which ends, as far as its client can tell, when it comes to an operation."""
    observe = amended(*amendments)

    def ends(program: Any) -> Any:
        if any(tag(type(operation)) == name for operation in program):
            raise Ended("was ended by SIGABRT", command=("ending", name), place="")
        return observe(program)

    return ends


IMPLEMENTATIONS = Path(__file__).parent / "implementations"
Made = Callable[..., tuple[Implementation, Greeting]]
EMBEDDED: dict[str, Made] = {
    "amended": lambda *names: (amended(*names), GREETING),
    "core_only": lambda: (observe, CORE),
    "ending": lambda *arguments: (ending(*arguments), GREETING),
    "flaky": lambda: (flaky(), GREETING),
    "panics": lambda: (panicking, GREETING),
    "remembers": lambda: (remembering(), GREETING),
}
"""A function for each implementation that makes it for each start. There is no program of `ending`."""
_start = Adapter.start


class Embedded(InProcess):
    """An implementation in this process that is started and ended like an adapter."""

    def __init__(self, implementation: Implementation, greeting: Greeting) -> None:
        encode = msgspec.json.Encoder().encode
        super().__init__(lambda line: encode(answer(line, implementation, greeting)))

    def _ask(self, line: bytes) -> bytes:
        try:
            return super()._ask(line)
        except Failed as error:
            if isinstance(error.__cause__, Ended):
                raise error.__cause__ from None
            raise

    def __enter__(self) -> Embedded:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def finish(self) -> int:
        self.close()
        return 0


def start(command: Sequence[str], *more: Any) -> Adapter | Embedded:
    """Start the implementation of a command, in this process where it is one of those above."""
    path = Path(command[1]) if len(command) > 1 else Path()
    if path.parent == IMPLEMENTATIONS and path.stem in EMBEDDED:
        return Embedded(*EMBEDDED[path.stem](*command[2:]))
    return _start(command, *more)
