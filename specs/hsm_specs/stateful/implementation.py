"""Implementations, as state machines see them: programs go in, observations come out, each program in a fresh world."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Sequence
from functools import cached_property, partial
from itertools import count
from types import TracebackType
from typing import Protocol

import msgspec

from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.adapter import Adapter, SameImplementation, Timeouts, answers
from hsm_specs.errors import ToolError
from hsm_specs.generation.random_programs import ALL_CAPABILITIES
from hsm_specs.language.messages import BatchRequest, Capability, Dialect, Greeting, Hello, HelloRequest
from hsm_specs.language.observations import OTHER_ERROR, Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.world import predict

DEFAULT_DIALECT: Dialect = "v1.25"
_ENCODER = msgspec.json.Encoder()


class Implementation(Protocol):
    """Anything that runs programs. Nothing of one program may be left for the next."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The optional parts of the vocabulary that it offers."""

    @property
    def dialect(self) -> Dialect:
        """The wire dialect of its persisted form."""

    def run(self, program: Program) -> Sequence[Observation]:
        """Return one observation for each operation of the program, in order."""


class Model:
    """The reference model, with whatever semantics."""

    capabilities: frozenset[Capability] = frozenset((*ALL_CAPABILITIES, "wire"))
    dialect: Dialect = DEFAULT_DIALECT

    def __init__(self, semantics: Semantics = SPECIFICATION) -> None:
        self.semantics = semantics

    def run(self, program: Program) -> Sequence[Observation]:
        """Return the model's predictions, and an error that is none of the codes where its semantics says nothing."""
        observations = predict(program, self.semantics, dialect=self.dialect)
        nothing_said = Observation(error=OTHER_ERROR, message="unspecified")
        return observations + (nothing_said,) * (len(program) - len(observations))


class InProcess:
    """An implementation in this process, behind a function that takes the protocol's request lines."""

    def __init__(self, answer: Callable[[bytes], bytes]) -> None:
        self._answer = answer
        self._seqs = count(1)

    @cached_property
    def greeting(self) -> Greeting:
        """Return how the implementation introduces itself."""
        line = self._answer(_ENCODER.encode(HelloRequest(0, Hello())))
        try:
            return answers.greeting(line)
        except answers.Malformed as problem:
            raise ToolError(f"The implementation {problem}.") from None

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The capabilities in the greeting."""
        return frozenset(self.greeting.capabilities)

    @property
    def dialect(self) -> Dialect:
        """The dialect in the greeting, if any."""
        return self.greeting.dialect or DEFAULT_DIALECT

    def run(self, program: Program) -> Sequence[Observation]:
        """Call the function. Raise `ToolError` if its answer is invalid."""
        seq = next(self._seqs)
        line = self._answer(_ENCODER.encode(BatchRequest(seq, (program,))))
        try:
            return answers.decode_observations(answers.payload(line, seq), [program])[0]
        except answers.Malformed as problem:
            raise ToolError(f"The implementation {problem}.") from None


class Command:
    """An adapter's command. Its process is started when it is first needed, and lives until `close` or the exit.

    An adapter that broke the protocol has been ended by that; the next program is sent to a new process, which must be
    the same implementation.
    """

    def __init__(self, *command: str, timeouts: Timeouts | None = None) -> None:
        self.command = command
        self._start = SameImplementation(partial(Adapter.start, command, timeouts))
        self._adapter: Adapter | None = None

    def __enter__(self) -> Command:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    @property
    def capabilities(self) -> frozenset[Capability]:
        """The capabilities in the adapter's greeting."""
        return frozenset(self.adapter().greeting.capabilities)

    @property
    def dialect(self) -> Dialect:
        """The dialect in the adapter's greeting."""
        return self.adapter().greeting.dialect or DEFAULT_DIALECT

    def run(self, program: Program) -> Sequence[Observation]:
        """Send the program and wait. Raise the adapter's `ToolError`."""
        return self.adapter().run([program])[0]

    def adapter(self) -> Adapter:
        """Return the running adapter, started now if there is none."""
        if self._adapter is None or self._adapter.status is not None:
            self._adapter = self._start()
            weakref.finalize(self, self._adapter.close)
        return self._adapter

    def close(self) -> None:
        """End the process, if there is one."""
        if self._adapter is not None:
            self._adapter.close()
