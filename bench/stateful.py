"""Plain state machines of Hypothesis: what they try of a scope, and how fast, to what hsmspec does"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from exploration import SCOPE
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from measure import Figure, rate

from hsm_specs.explore.explorer import Graph, explore
from hsm_specs.explore.tour import tour
from hsm_specs.generation.random_programs import ProgramGenerator
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.stateful import InProcess, lockstep_machine
from plain_hsm.adapter import answer

EXAMPLES, STEPS = 400, 50
PROGRAMS, LENGTH = 1000, 25


def figures() -> Iterator[Figure]:
    """Measure on one core, against the bundled implementation in this process."""
    graph = explore(SCOPE)
    made = tour(graph)
    tried, walked = _walked(graph)
    share = tried / made.pairs
    yield Figure(
        f"pairs tried in {walked:,} steps of Hypothesis to all pairs",
        share,
        f"{tried:,} pairs",
        f"{made.pairs:,} pairs",
    )
    steps, took = _in_lockstep()
    began = perf_counter()
    soak = ProgramGenerator("stateful")
    implementation = InProcess(answer)
    operations = 0
    for _ in range(PROGRAMS):
        program, expected = soak.program(LENGTH)
        operations += len(expected)
        if first_difference(program, expected, implementation.run(program)) is not None:
            raise RuntimeError("the implementation was to answer as predicted")
    soaked = perf_counter() - began
    yield Figure(
        "operations/s of a lockstep machine of Hypothesis to the soak's",
        (steps / took) / (operations / soaked),
        rate(steps, took, "op"),
        rate(operations, soaked, "op"),
    )


def _quick(examples: int) -> settings:
    """Return settings for generation alone, the same each time."""
    return settings(
        max_examples=examples,
        stateful_step_count=STEPS,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )


def _walked(graph: Graph) -> tuple[int, int]:
    """Return how many edges of a graph a plain state machine goes along, and in how many steps."""
    leaving: list[list[int]] = [[] for _ in graph.states]
    for index, edge in enumerate(graph.edges):
        if graph.inside[edge.target]:
            leaving[edge.source].append(index)
    tried: set[int] = set()
    count = 0

    class Walk(RuleBasedStateMachine):
        """Any action of those that there are in a state."""

        def __init__(self) -> None:
            super().__init__()
            self.state = 0

        @rule(choice=st.integers(0, 2**20))
        def act(self, choice: int) -> None:
            nonlocal count
            edges = leaving[self.state]
            index = edges[choice % len(edges)]
            tried.add(index)
            count += 1
            self.state = graph.edges[index].target

    run_state_machine_as_test(Walk, settings=_quick(EXAMPLES))  # type: ignore[no-untyped-call]  # Hypothesis
    return len(tried), count


def _in_lockstep() -> tuple[int, float]:
    """Return how many operations the lockstep machine does, and in what time."""
    done = 0

    class Counted(lockstep_machine(InProcess(answer))):  # type: ignore[misc]  # made at run time
        """Counts what it does."""

        def teardown(self) -> None:
            nonlocal done
            done += len(self.program)
            super().teardown()

    began = perf_counter()
    run_state_machine_as_test(Counted, settings=_quick(EXAMPLES // 4))  # type: ignore[no-untyped-call]  # Hypothesis
    return done, perf_counter() - began
