"""The program that a whole server is tested with: the model says what the test in Go demands."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from hsm_specs.language import operations as ops
from hsm_specs.oracle.world import predict

PROGRAM = Path(__file__).parents[3] / "adapters/temporal/framework/server/testdata/program.json"


def test_the_server_is_tested_with_what_the_model_observes() -> None:
    stated = json.loads(PROGRAM.read_text("utf-8"))
    program = msgspec.convert(stated["program"], tuple[ops.AnyOperation, ...])
    assert json.loads(msgspec.json.encode(predict(program))) == stated["observations"]
