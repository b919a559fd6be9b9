"""Walks: what they send is what the model does, they prefer untried histories, and their coverage is what they say."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hsm_specs.explore.explorer import explore
from hsm_specs.explore.scope import load_scopes
from hsm_specs.explore.walks import SAMPLE, EncodedGraph, SwitchCoverage, Walked, Walker
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict

PARTS = {scope.name: scope for scope in load_scopes("quick") if scope.name not in ("deep", "workflow")}


@pytest.fixture(scope="module", params=PARTS)
def graph(request: pytest.FixtureRequest) -> EncodedGraph:
    return EncodedGraph(explore(PARTS[request.param]))


@settings(max_examples=5, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_the_model_answers_as_walks_expect(graph: EncodedGraph, seed: int) -> None:
    for walks in Walker(graph, str(seed)).batches(3000, 1500):
        programs, expected = walks.decoded()
        assert walks.size == len(programs) == len(expected)
        assert walks.operations == sum(map(len, programs))
        for program, answers in zip(programs, expected, strict=True):
            assert first_difference(program, answers, predict(program)) is None
            assert len(program) == len(predict(program)), "programs are specified to their end"


def test_a_seed_makes_the_same_walks_and_another_one_others(graph: EncodedGraph) -> None:
    first, same, other = (list(Walker(graph, seed).batches(1500, 500)) for seed in ("1", "1", "2"))
    assert first == same
    assert first != other


def test_walks_end_at_the_operations_that_are_asked_for(graph: EncodedGraph) -> None:
    batches = list(Walker(graph, "1").batches(10_000, 1500))
    assert 10_000 <= sum(walks.operations for walks in batches) < 10_400


def test_after_an_edge_those_that_leave_its_target_are_taken_in_turn() -> None:
    """A walk that can go on in two ways after each edge has tried all pairs after twice as many steps."""
    graph = EncodedGraph(explore(PARTS["order"]))
    few = [leaving[:2] for leaving in graph.quiet]
    graph.quiet, graph.every = few, few
    reached = {edge for leaving in few for edge in leaving}
    graph.pairs = {
        (first, second): number
        for number, (first, second) in enumerate(
            (first, second) for first in sorted(reached) for second in few[graph.edges[first].target]
        )
    }
    walker = Walker(graph, "1")
    for _ in walker.batches(1500, 1500):
        pass
    followed = Counter(first for first, _ in map(list(graph.pairs).__getitem__, walker.pairs))
    assert followed
    alone = [edge for edge, count in followed.items() if count == 1 and len(few[graph.edges[edge].target]) == 2]
    assert len(alone) < len(followed) / 2


def test_a_sample_is_of_all_pairs_where_there_are_few() -> None:
    graph = EncodedGraph(explore(PARTS["order"]))
    assert SAMPLE == len(graph.pairs) == len(graph.triples)
    for first, second in graph.pairs:
        assert graph.edges[first].target == graph.edges[second].source
    for history in graph.triples:
        for first, second in pairwise(history):
            assert graph.edges[first].target == graph.edges[second].source


def test_coverage_grows_to_most_pairs() -> None:
    graph = EncodedGraph(explore(PARTS["order"]))
    shares = []
    for operations in (10_000, 100_000, 800_000):
        walker = Walker(graph, "1")
        for _ in walker.batches(operations, 1500):
            pass
        shares.append(len(walker.pairs) / len(graph.pairs))
    assert shares == sorted(shares)
    assert shares[-1] > 0.8


def test_coverage_of_several_parts_weighs_them_by_their_histories() -> None:
    coverage = SwitchCoverage()
    coverage.add(Walked(0, (100, 1000), (10, 10), (0, 1, 2, 3, 4), ()))
    coverage.add(Walked(1, (300, 1000), (10, 10), (), (1,)))
    coverage.add(Walked(1, (300, 1000), (10, 10), (), (1, 2)))
    assert (0.125, 0.1) == pytest.approx(coverage.shares())
    assert (0.0, 0.0) == SwitchCoverage().shares()
