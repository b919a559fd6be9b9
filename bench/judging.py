"""Judging recorded traces: against msgspec alone, which decodes each line of the same file into the same types."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import msgspec
from measure import Figure, paired, rate
from msgspec import Struct

from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.traces import Judging, JudgingOptions

VECTORS = Path(__file__).parents[1] / "specs" / "vectors"
ROUNDS = 10
"""The number of copies of the vectors in their file, like a suite that is run again and again."""
PROGRAMS, LENGTH = 2_000, 25


class Line(Struct):
    """A line of a trace."""

    op: ops.AnyOperation | None = None
    saw: Observation | None = None
    trace: str = ""
    end: bool = False


Trace = tuple[ops.Program, tuple[Observation, ...]]


def figures() -> Iterator[Figure]:
    """Measure traces that are all the same, traces that begin alike, and traces that all differ."""
    with tempfile.TemporaryDirectory() as folder:
        vectors = [*_vectors()]
        yield _figure("judging vectors, ten times over", Path(folder) / "vectors", vectors * ROUNDS)
        yield _figure("judging vectors, once", Path(folder) / "once", vectors)
        soak = ProgramGenerator("bench")
        distinct = [soak.program(LENGTH) for _ in range(PROGRAMS)]
        yield _figure("judging random programs, no two alike", Path(folder) / "soak", distinct)


def _vectors() -> Iterator[Trace]:
    for path in sorted(VECTORS.glob("*.jsonl")):
        for line in path.read_bytes().splitlines():
            found = msgspec.json.decode(line)
            yield (
                msgspec.convert(found["program"], ops.Program),
                msgspec.convert(found["observations"], tuple[Observation, ...]),
            )


def _figure(name: str, path: Path, traces: list[Trace]) -> Figure:
    with path.open("wb") as file:
        for number, (program, seen) in enumerate(traces):
            for operation, saw in zip(program, seen, strict=False):
                file.write(msgspec.json.encode({"trace": str(number), "op": operation, "saw": saw}) + b"\n")
            file.write(msgspec.json.encode({"trace": str(number), "end": True}) + b"\n")
    lines = sum(len(program) for program, _ in traces) + len(traces)

    def judge() -> None:
        result = Judging(JudgingOptions([str(path)])).run()
        if result.exit_code:
            raise SystemExit(f"{path.name} is not allowed")

    decoder = msgspec.json.Decoder(Line)

    def decode() -> None:
        with path.open("rb") as file:
            for line in file:
                decoder.decode(line)

    mine, other = paired(judge, decode)
    amount = lines - len(traces)
    return Figure(
        f"{name}: of msgspec's rate",
        (amount / mine) / (lines / other),
        rate(amount, mine, "operations"),
        rate(lines, other, "lines decoded"),
    )
