from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.language import operations as ops
from hsm_specs.language.capabilities import CAPABILITY_OF, capabilities_of
from hsm_specs.language.messages import Capability
from hsm_specs.properties import PROPERTIES

CAPABILITIES: tuple[Capability, ...] = get_args(Capability)


def test_every_capability_but_those_of_panics_data_and_depth_has_operations() -> None:
    assert set(CAPABILITIES) - {"panics", "empty_data", "deep_scripts"} == set(CAPABILITY_OF.values())
    assert set(CAPABILITY_OF) < set(get_args(ops.AnyOperation))


def test_the_core_needs_no_capability() -> None:
    core = (
        ops.NewRegistry(),
        ops.RegisterMachine(1),
        ops.NewRoot(1, (0, 0), 0),
        ops.AddChild(0, (1, "a"), (0, 0)),
        ops.MachineTransition(0, ops.Script((ops.SetState(0, 1),), ((1, 0, 0),), "user_1"), 0),
        ops.Clear(0),
        ops.Dirty(0),
        ops.Export(0),
        ops.Rehydrate(0, 1, (0, 0), 1),
    )
    assert frozenset() == capabilities_of(core)
    assert frozenset() == capabilities_of(())


@pytest.mark.parametrize(
    ("kind", "capability"), CAPABILITY_OF.items(), ids=lambda value: getattr(value, "__name__", "")
)
def test_what_an_operation_needs_it_needs_inside_of_functions_too(kind: type, capability: Capability) -> None:
    operation = next(op for program in programs() for op in program if type(op) is kind)
    assert capability in capabilities_of([operation])
    inner = ops.MachineTransition(0, ops.Script((operation,)))
    outer = ops.MachineTransition(0, ops.Script((inner,)))
    assert capabilities_of([operation]) == capabilities_of([outer])


def programs() -> list[ops.Program]:
    """Return programs that have every operation between them."""
    return [case.program for shown in PROPERTIES.values() for case in shown.cases(1, 1)]


@pytest.mark.parametrize(
    "operation",
    [
        ops.MachineTransition(0, ops.Script(fail="panic")),
        ops.MachineTransition(0, ops.Script((ops.MachineTransition(0, ops.Script(fail="panic")),))),
        ops.RegisterExecutor(1, 0, "read", 0, ops.Script(fail="panic")),
        ops.Apply(0, ops.TransitionSpec((), 0), 0, ops.Script(fail="panic")),
    ],
)
def test_a_function_that_panics_needs_an_implementation_that_survives_it(operation: ops.AnyOperation) -> None:
    assert "panics" in capabilities_of([operation])


@pytest.mark.parametrize(("depth", "needed"), [(1, False), (33, False), (34, True), (257, True)])
def test_scripts_that_nest_deeper_than_decoders_read_need_an_adapter_that_reads_them(depth: int, needed: bool) -> None:
    operation: ops.AnyOperation = ops.Dirty(0)
    for _ in range(depth):
        operation = ops.MachineTransition(0, ops.Script((operation,)))
    assert needed is ("deep_scripts" in capabilities_of([operation]))


@given(st.integers(0, 10**6).map(str))
def test_a_program_needs_what_its_operations_need(seed: str) -> None:
    program, _ = ProgramGenerator(seed).program(10)
    assert capabilities_of(program) == frozenset().union(*(capabilities_of([operation]) for operation in program))


@pytest.mark.parametrize("requirement", PROPERTIES)
def test_the_catalogue_names_what_a_propertys_programs_need(requirement: str) -> None:
    needed = frozenset[str]().union(*(capabilities_of(c.program) for c in PROPERTIES[requirement].cases(1, 1)))
    assert needed == set(load_catalogue()[requirement].capabilities)
