"""The model against the bundled mutable implementation, on the same programs"""

from __future__ import annotations

import json
from collections.abc import Iterator

import msgspec
from measure import Figure, paired, rate

from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language.messages import BatchAnswer, BatchRequest
from hsm_specs.oracle.world import predict
from plain_hsm.adapter import Members, World

BATCHES = 20


def figures() -> Iterator[Figure]:
    """Measure the operations of one core."""
    batches = [ProgramGenerator(f"bench {index}").batch(50, 25)[0] for index in range(BATCHES)]
    programs = [program for batch in batches for program in batch]
    operations = sum(map(len, programs))
    plain = [json.loads(msgspec.json.encode(program), object_hook=Members) for program in programs]

    def modelled() -> None:
        for program in programs:
            predict(program)

    def mutable() -> None:
        for program in plain:
            world = World()
            for operation in program:
                world.run(operation)

    def encoded() -> None:
        encoder = msgspec.json.Encoder()
        for index in range(BATCHES):
            made, expected = ProgramGenerator(f"bench {index}").batch(50, 25)
            encoder.encode(BatchRequest(index, tuple(made)))
            encoder.encode(BatchAnswer(index, tuple(expected)))

    model, other = paired(modelled, mutable)
    yield Figure(
        "model to bundled implementation", other / model, rate(operations, model, "op"), rate(operations, other, "op")
    )
    making, model = paired(encoded, modelled)
    yield Figure(
        "generating, predicting, encoding to predicting alone",
        model / making,
        rate(operations, making, "op"),
        rate(operations, model, "op"),
    )
