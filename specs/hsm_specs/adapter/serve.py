"""The reference model as an adapter: ``python -m hsm_specs.adapter.serve`` speaks the protocol on stdin and stdout.

``hsmspec run`` runs it by default, and it is a reference to compare an implementation with.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import BinaryIO, get_args

import msgspec

from hsm_specs.language.messages import (
    PROTOCOL_VERSION,
    BatchAnswer,
    BatchRequest,
    Capability,
    Dialect,
    Greeting,
    HelloAnswer,
    HelloRequest,
    ProtocolErrorAnswer,
)
from hsm_specs.language.observations import Observation
from hsm_specs.language.operations import Program
from hsm_specs.oracle.world import predict

DIALECT: Dialect = "v1.25"
UNSPECIFIED = Observation(panic="the specification does not say what happens here")
GREETING = Greeting(
    protocol=PROTOCOL_VERSION,
    name="hsm-model",
    version="0.1.0",
    language="python",
    capabilities=get_args(Capability),
    dialect=DIALECT,
)
Implementation = Callable[[Program], tuple[Observation, ...]]
"""Returns an observation for each operation of a program."""
_REQUEST = msgspec.json.Decoder(BatchRequest)
_HELLO = msgspec.json.Decoder(HelloRequest)


def observe(program: Program) -> tuple[Observation, ...]:
    """Return the model's observations, and panics that say so from where the specification ends."""
    observations = predict(program, dialect=DIALECT)
    return observations + (UNSPECIFIED,) * (len(program) - len(observations))


def serve(
    requests: BinaryIO, answers: BinaryIO, implementation: Implementation = observe, greeting: Greeting = GREETING
) -> None:
    """Answer each line with what an implementation observes, until the end of the input."""
    encode = msgspec.json.Encoder().encode
    for line in requests:
        answers.write(encode(answer(line, implementation, greeting)) + b"\n")
        answers.flush()


def answer(
    line: bytes, implementation: Implementation, greeting: Greeting
) -> BatchAnswer | HelloAnswer | ProtocolErrorAnswer:
    """Return the answer to a line."""
    try:
        try:
            request = _REQUEST.decode(line)
        except msgspec.ValidationError as error:
            return greet(line, error, greeting)
    except (msgspec.DecodeError, RecursionError) as error:
        return ProtocolErrorAnswer(protocol_error=f"this is no JSON object: {error}")
    return BatchAnswer(request.seq, tuple(map(implementation, request.programs)))


def greet(line: bytes, problem: Exception, greeting: Greeting) -> HelloAnswer | ProtocolErrorAnswer:
    """Return the answer to the handshake, or to a line that is neither that nor a batch."""
    try:
        request = _HELLO.decode(line)
    except msgspec.ValidationError:
        return ProtocolErrorAnswer(protocol_error=f"this is no request: {problem}")
    if request.hello.protocol != PROTOCOL_VERSION:
        return ProtocolErrorAnswer(request.seq, f"version {request.hello.protocol} of the protocol is not spoken here")
    return HelloAnswer(request.seq, greeting)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
