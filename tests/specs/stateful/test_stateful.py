"""The rule-based state machines, on everything that there is to run them on."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from inspect import unwrap
from pathlib import Path
from types import CodeType
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from hsm_model.amendments import amend
from hsm_model.semantics import SPECIFICATION, Semantics
from hsm_specs.errors import Ended, OtherImplementation, ToolError
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import capabilities_of
from hsm_specs.language.messages import Capability, Dialect
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import predict
from hsm_specs.stateful import (
    Command,
    Implementation,
    InProcess,
    LockstepMachine,
    Model,
    Trial,
    clearing_machine,
    lockstep_machine,
    registration_machine,
    rollback_machine,
)
from plain_hsm.adapter import answer

ROOT = Path(__file__).parents[3]
REAL = ROOT / "build" / "temporal-v1.25.1"
DEVIATIONS = ROOT / "adapters" / "temporal" / "v1.25.1" / "deviations.toml"
PLAIN = ("env", f"PYTHONPATH={ROOT / 'adapters' / 'python'}", sys.executable, "-m", "plain_hsm.adapter")

Maker = Callable[..., type[Trial]]
EVERY_MACHINE = pytest.mark.parametrize(
    "make", [rollback_machine, registration_machine, clearing_machine, lockstep_machine], ids=lambda make: make.__name__
)


def run(machine: type[Trial], examples: int, steps: int = 20) -> None:
    """Run a machine, the same way each time."""
    repeatable = settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=repeatable)


# --- what the machines find nothing in ---


@EVERY_MACHINE
def test_the_comparison_finds_no_difference_between_the_model_and_itself(make: Maker) -> None:
    """A control of the machines. It says nothing of the model, which `test_stateful_direct.py` tests."""
    run(make(Model()), examples=25)


@EVERY_MACHINE
def test_the_bundled_implementation_conforms_in_process(make: Maker) -> None:
    run(make(InProcess(answer)), examples=25)


@EVERY_MACHINE
def test_the_bundled_implementation_conforms_behind_its_adapter(make: Maker) -> None:
    with Command(*PLAIN) as adapter:
        run(make(adapter), examples=5)


@pytest.fixture(scope="module")
def real() -> Iterator[Command]:
    if not REAL.exists():
        pytest.skip("the adapter of the real package, v1.25.1, is not built")
    with Command(str(REAL)) as adapter:
        yield adapter


@EVERY_MACHINE
def test_the_real_package_conforms_apart_from_its_known_deviations(make: Maker, real: Command) -> None:
    known = tomllib.loads(DEVIATIONS.read_text("utf-8"))["deviation"]
    amendments = sorted({entry["amendment"] for entry in known if "amendment" in entry})
    features = frozenset(feature for entry in known for feature in entry.get("features", ()))
    run(make(real, semantics=amend(SPECIFICATION, amendments), without=features), examples=30)


@EVERY_MACHINE
def test_a_machine_is_an_ordinary_test_case(make: Maker) -> None:
    case = make(Model()).TestCase
    case.settings = settings(case.settings, max_examples=2, stateful_step_count=5, database=None)
    result = case("runTest").run()
    assert result is not None
    assert result.testsRun == 1
    assert result.wasSuccessful()


# --- what programs they write ---


@dataclass
class Recorded:
    """The model, with a record of the programs that it is given."""

    programs: list[ops.Program]
    capabilities: frozenset[Capability] = frozenset(get_args(Capability))
    dialect: Dialect = "v1.25"

    def run(self, program: ops.Program) -> Sequence[Observation]:
        self.programs.append(program)
        return predict(program)


def within(observations: Sequence[Observation]) -> Iterator[Observation]:
    """Yield the observations with those inside of them."""
    for observation in observations:
        yield observation
        yield from within(observation.inner or ())


def named(code: CodeType) -> set[str]:
    """Return the names that a function uses, and the functions inside of it."""
    inside = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    return set(code.co_names).union(*map(named, inside))


OF_TREES = set(get_args(ops.AnyOperation)) - set(get_args(ops.FrameworkOperation))
"""The operations of lockstep. Workflows have machines of their own in `tests/model/framework`."""


def test_lockstep_has_a_rule_for_every_operation_of_the_vocabulary() -> None:
    setup: Any = LockstepMachine.setup_state()
    rules = [*setup.rules, *setup.initializers]
    used = set[str]().union(*(named(unwrap(rule.function).__code__) for rule in rules))
    assert {kind.__name__ for kind in OF_TREES} <= used


def test_lockstep_does_most_operations_in_a_few_examples() -> None:
    recorded = Recorded([])
    run(lockstep_machine(recorded), examples=30)
    done = {type(operation) for program in recorded.programs for operation in program}
    assert len(done) > len(OF_TREES) - 8


@EVERY_MACHINE
def test_programs_are_specified_to_their_end(make: Maker) -> None:
    recorded = Recorded([])
    run(make(recorded), examples=8)
    assert recorded.programs
    for program in recorded.programs:
        assert len(program) == len(predict(program))


@EVERY_MACHINE
def test_what_is_not_offered_is_not_used(make: Maker) -> None:
    recorded = Recorded([], capabilities=frozenset())
    run(make(recorded), examples=8)
    assert {frozenset()} == {capabilities_of(program) for program in recorded.programs}


def test_features_that_are_switched_off_are_not_used() -> None:
    recorded = Recorded([])
    without = frozenset({"panic-in-transition", "swallowed-inner-failure"})
    run(rollback_machine(recorded, without=without), examples=10)
    for program in recorded.programs:
        observations = predict(program, without=without)
        assert len(program) == len(observations)
        assert not any(observation.panic for observation in within(observations))


# --- implementations ---

PROGRAM: ops.Program = (ops.NewRegistry(), ops.RegisterMachine(1), ops.NewRoot(1, (0, 0), 0), ops.Export(0))


def implementations() -> list[Implementation]:
    return [Model(), InProcess(answer), Command(*PLAIN)]


@pytest.mark.parametrize("implementation", implementations(), ids=lambda it: type(it).__name__)
def test_implementations_run_each_program_in_a_fresh_world(implementation: Implementation) -> None:
    first = implementation.run(PROGRAM)
    assert [None, None, None, [0, "0:0", []]] == [observation.ok for observation in first]
    assert [True] == [observation.unbound for observation in implementation.run((ops.Export(0),))]
    assert first == implementation.run(PROGRAM)


def test_where_a_semantics_says_nothing_the_model_answers_no_documented_error() -> None:
    program = (*PROGRAM, ops.CollectionAdd(0, 1, "a", (0, 0), 1), ops.MachineTransition(0, ops.Script(), 0))
    unspecified = (*program, ops.ReadMachine(0), ops.Export(0))
    assert [None, None, "other", "other"] == [
        observation.error if isinstance(observation.error, str) else None
        for observation in Model().run(unspecified)[-4:]
    ]


def answers(*lines: bytes) -> Callable[[bytes], bytes]:
    given = iter(lines)
    return lambda line: next(given)


@pytest.mark.parametrize(
    "line",
    [
        b"no JSON",
        b'{"seq":1,"observations":[]}',
        b'{"seq":2,"observations":[[]]}',
        b'{"seq":1,"protocol_error":"what?"}',
    ],
)
def test_a_function_that_does_not_keep_to_the_protocol_is_found_out(line: bytes) -> None:
    with pytest.raises(ToolError, match="The implementation "):
        InProcess(answers(line)).run(PROGRAM)


def test_a_function_that_does_not_introduce_itself_is_found_out() -> None:
    with pytest.raises(ToolError, match="The implementation "):
        _ = InProcess(answers(b"{}")).capabilities


def test_an_adapter_that_ended_is_started_again() -> None:
    with Command(*PLAIN) as command:
        adapter = command.adapter()
        assert adapter is command.adapter()
        adapter.close()
        assert len(PROGRAM) == len(command.run(PROGRAM))
        assert adapter is not command.adapter()


def test_an_adapter_that_fails_is_no_difference() -> None:
    with Command(sys.executable, "-c", "input()") as command, pytest.raises(Ended):
        run(registration_machine(command), examples=1)


def test_semantics_and_switched_off_features_belong_to_the_machine_that_they_were_given_to() -> None:
    amended: Semantics = amend(SPECIFICATION, ["add-child-dirties"])
    first: Any = clearing_machine(Model(amended), semantics=amended, without=frozenset({"panic-in-transition"}))
    second: Any = clearing_machine(Model())
    assert (amended, frozenset({"panic-in-transition"})) == (first.semantics, first.without)
    assert (SPECIFICATION, frozenset()) == (second.semantics, second.without)
    run(first, examples=10)


def test_a_command_that_is_another_version_later_is_refused(tmp_path: Path) -> None:
    updates = ROOT / "tests" / "specs" / "engine" / "implementations" / "updates.py"
    program = (ops.NewRegistry(),)
    with Command(sys.executable, str(updates), str(tmp_path / "starts"), "new_registry") as command:
        with pytest.raises(Ended):
            command.run(program)
        with pytest.raises(OtherImplementation, match="hsm-model 2, and it began as hsm-model 1"):
            command.run(program)
