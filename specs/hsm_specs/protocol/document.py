"""PROTOCOL.md, made from a template and the types of the messages."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from string import Template
from typing import Final

from hsm_specs.adapter import Limits, Timeouts
from hsm_specs.catalogue.requirements import DOCUMENTATION
from hsm_specs.language import operations as ops
from hsm_specs.language.messages import (
    PROTOCOL_VERSION,
    BatchAnswer,
    BatchRequest,
    Capability,
    Dialect,
    Greeting,
    Hello,
    HelloAnswer,
    HelloRequest,
    ProtocolErrorAnswer,
)
from hsm_specs.language.observations import DOCUMENTED_ERRORS, OTHER_ERROR, PALETTE_ERRORS
from hsm_specs.language.operations import Program
from hsm_specs.oracle.world import predict
from hsm_specs.protocol import examples, vocabulary
from hsm_specs.protocol.schema import OPERATIONS
from hsm_specs.protocol.vocabulary import encode

CHECKOUT: Final = Path(__file__).resolve().parents[3]
TEMPLATE: Final = CHECKOUT / "specs" / "protocol" / "template.md"
"""The prose, which only a checkout has: the document is made there, and shipped is the schema."""
FILE: Final = "PROTOCOL.md"
"""The path of the document from the root of the checkout."""
CAPABILITIES: Final[tuple[Capability, ...]] = ("outputs", "panics")
DIALECTS: Final[tuple[Dialect, ...]] = ("v1.24", "v1.25")


def text() -> str:
    """Return the document as text."""
    timeouts, limits = Timeouts(), Limits()
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        version=PROTOCOL_VERSION,
        documentation=DOCUMENTATION,
        greeting=vocabulary.record(Greeting),
        capabilities=vocabulary.capabilities_table(),
        core=vocabulary.core(),
        shapes=vocabulary.shapes_table(),
        script=vocabulary.record(ops.Script),
        transition=vocabulary.record(ops.TransitionSpec),
        ref=vocabulary.record(ops.RefSpec),
        documented_errors=_names(DOCUMENTED_ERRORS),
        palette_errors=_names(PALETTE_ERRORS),
        other_error=OTHER_ERROR,
        operations=vocabulary.operations(),
        operation_count=len(OPERATIONS),
        wire=vocabulary.wire_tables(),
        session="\n".join(f"{who} {line}" for who, line in session()),
        first=_steps(examples.FIRST),
        second=_steps(examples.SECOND),
        seconds_start=f"{timeouts.start:g}",
        seconds_answer=f"{timeouts.answer:g}",
        seconds_end=f"{timeouts.end:g}",
        line_limit=f"{limits.line // 2**20} MiB",
        stderr_lines=limits.stderr_lines,
    )


def session() -> list[tuple[str, str]]:
    """Return the lines of the sample session: ``>`` those that the adapter reads, ``<`` those that it writes."""
    greeting = Greeting(PROTOCOL_VERSION, "my-hsm", "0.1", "rust", CAPABILITIES)
    programs = (examples.FIRST, examples.SECOND)
    return [
        (">", encode(HelloRequest(0, Hello()))),
        ("<", encode(HelloAnswer(0, greeting))),
        (">", encode(BatchRequest(1, programs[:1]))),
        (">", encode(BatchRequest(2, programs[1:]))),
        ("<", encode(BatchAnswer(1, tuple(map(predict, programs[:1]))))),
        ("<", encode(BatchAnswer(2, tuple(map(predict, programs[1:]))))),
        (">", '{"seq":3,"programs":[[{"op":"frobnicate"}]]}'),
        ("<", encode(ProtocolErrorAnswer(3, "there is no operation frobnicate"))),
        (">", encode(BatchRequest(4, ((),)))),
        ("<", encode(BatchAnswer(4, ((),)))),
    ]


def _steps(program: Program) -> str:
    observed = predict(program)
    return "\n".join(
        f"{encode(operation)}\n    {encode(seen)}" for operation, seen in zip(program, observed, strict=True)
    )


def _names(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in codes)
