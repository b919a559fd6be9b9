"""Exploration, its invariants and the tours through it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from hsm_model import amendments
from hsm_model.semantics import SPECIFICATION, outputs_below, present
from hsm_model.state import NodeState, Path, TreeState, put
from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.errors import InputError
from hsm_specs.explore.actions import FAMILIES, WORKFLOW_FAMILIES, alphabet, families
from hsm_specs.explore.explorer import Graph, explore
from hsm_specs.explore.invariants import INVARIANTS, judge
from hsm_specs.explore.scope import Scope, load_scopes, scope_names
from hsm_specs.explore.symmetry import symmetry
from hsm_specs.explore.tour import tour
from hsm_specs.explore.workflow_invariants import WORKFLOW_INVARIANTS
from hsm_specs.oracle.comparison import first_difference
from hsm_specs.oracle.world import predict

SIBLINGS = Scope(
    name="siblings",
    places=((), ((1, "a"),), ((1, "b"),), ((1, "c"),)),
    counts=1,
    outputs=1,
    actions=("add", "transition", "failing-transition", "clear", "observe"),
)


@pytest.fixture(scope="module")
def quick() -> list[Graph]:
    return [explore(part) for part in load_scopes("quick")]


def test_two_explorations_of_a_scope_are_the_same(quick: list[Graph]) -> None:
    again = explore(quick[1].scope)
    assert quick[1].states == again.states
    assert quick[1].edges == again.edges


def test_what_an_action_answers_in_a_state_is_what_the_program_that_leads_there_predicts(quick: list[Graph]) -> None:
    for graph in quick:
        for leg in tour(graph).legs:
            predicted = predict(leg.program)
            assert len(leg.program) == len(leg.expected) == len(predicted)
            assert first_difference(leg.program, leg.expected, predicted) is None


def test_a_tour_tries_every_edge_between_states_that_were_gone_on_from(quick: list[Graph]) -> None:
    for graph in quick:
        wanted = {index for index, edge in enumerate(graph.edges) if graph.inside[edge.target]}
        made = tour(graph)
        tried = [edge for leg in made.legs for edge in leg.edges]
        assert wanted == set(tried)
        assert len(wanted) == len(tried) == made.pairs


def test_tours_take_at_most_one_and_a_half_steps_for_a_pair(quick: list[Graph]) -> None:
    tours = [tour(graph) for graph in quick]
    assert sum(made.steps for made in tours) <= 1.5 * sum(made.pairs for made in tours)


def test_every_invariant_holds_in_some_part_of_quick_and_is_violated_in_none(quick: list[Graph]) -> None:
    shown: set[str] = set()
    for graph in quick:
        for judgement in judge(graph):
            assert judgement.holds or judgement.invariant.modality == "sometimes", judgement
            if judgement.holds:
                shown.add(judgement.invariant.name)
    assert {invariant.name for invariant in (*INVARIANTS, *WORKFLOW_INVARIANTS)} == shown


def test_invariants_name_requirements_of_the_catalogue() -> None:
    assert set(load_catalogue()) >= {invariant.requirement for invariant in (*INVARIANTS, *WORKFLOW_INVARIANTS)}


def kept_count(before: TreeState, failed: TreeState, path: Path) -> TreeState:
    node = present(before, path)
    return TreeState(put(before.root, path, node._replace(transition_count=node.transition_count + 1)), before.open)


def cleared_with_data(state: TreeState, path: Path) -> TreeState:
    return TreeState(put(state.root, path, present(state, path)._replace(data=b"0:0")), None)


def only_with_outputs(state: TreeState, path: Path) -> bool:
    return bool(outputs_below(state, path)) and not path


def reaching_out(state: TreeState, path: Path, data: bytes, output: Any) -> TreeState:
    root = state.root if not path else put(state.root, (), state.root._replace(data=data))
    return SPECIFICATION.transition_committed(TreeState(root, state.open), path, data, output)


def forgetful(state: TreeState, path: Path) -> TreeState:
    return TreeState(state.root, state.open)


def last_wins(state: TreeState, path: Path, data: bytes, output: Any) -> TreeState:
    done = SPECIFICATION.transition_committed(state, path, data, output)
    marked: NodeState = done.root._replace(data=b"9:%d" % len(path[-1].id if path else ""))
    return TreeState(put(done.root, (), marked._replace(data=repr(path).encode())), done.open)


@pytest.mark.parametrize(
    ("rule", "instead", "invariant"),
    [
        ("transition_rolled_back", kept_count, "a failed operation leaves the value identical"),
        ("transition_rolled_back", kept_count, "counts grow by the successful transitions"),
        ("dirty_below", only_with_outputs, "dirty exactly where outputs are open"),
        ("child_added", amendments.child_added_dirty, "dirty exactly where outputs are open"),
        ("cleared_below", cleared_with_data, "clearing is idempotent"),
        ("cleared_below", forgetful, "clearing touches nothing else"),
        ("cleared_below", amendments.whole_log_cleared, "clearing touches nothing else"),
        ("transition_committed", last_wins, "transitions of disjoint subtrees commute"),
        (
            "transition_rolled_back",
            amendments.only_own_count_rolled_back,
            "a failed operation leaves the value identical",
        ),
    ],
)
def test_an_invariant_is_violated_by_a_rule_that_breaks_it(rule: str, instead: Any, invariant: str) -> None:
    semantics = replace(SPECIFICATION, **{rule: instead})
    scope = msgspec.structs.replace(
        SIBLINGS,
        places=((), ((1, "a"),), ((1, "b"),)),
        actions=("add", "transition", "failing-transition", "nested-transition", "clear"),
    )
    judgements = {judgement.invariant.name: judgement for judgement in judge(explore(scope, semantics), semantics)}
    assert not judgements[invariant].holds


def test_folding_siblings_together_leaves_exactly_the_states_that_stand_for_all() -> None:
    canonical = symmetry(SIBLINGS)
    assert canonical is not None
    full, folded = explore(SIBLINGS), explore(SIBLINGS, canonical=canonical)
    assert {canonical(state) for state in full.states} == set(folded.states)
    assert len(folded.states) < len(full.states) / 3


def test_what_an_action_answers_does_not_depend_on_which_of_two_siblings_stands_for_both() -> None:
    canonical = symmetry(SIBLINGS)
    assert canonical is not None
    full = explore(SIBLINGS)
    answers: dict[Any, set[Any]] = {}
    for edge in full.edges:
        kind = sorted(
            (type(operation).__name__, repr(o))
            for operation, o in zip(full.actions[edge.action].operations, edge.observations, strict=True)
            if "outputs" not in full.actions[edge.action].name
        )
        answers.setdefault(canonical(full.states[edge.source]), set()).add(
            (str(kind), canonical(full.states[edge.target]))
        )
    folded = explore(SIBLINGS, canonical=canonical)
    for edge in folded.edges:
        assert folded.states[edge.target] in {target for _, target in answers[folded.states[edge.source]]}


def test_places_without_an_interchangeable_sibling_are_not_folded() -> None:
    assert symmetry(Scope("chain", ((), ((1, "a"),), ((1, "a"), (1, "b")), ((2, "a"),)), 1, 1, ("add",))) is None


FEATURES = {
    "nested effects in failing and succeeding functions": {"nested-transition", "nested-add", "nested-clear"},
    "serializers that fail in each place": {"add-refused", "failing-transition"},
    "wrong casts": {"wrong-cast"},
    "rehydration and stale handles": {"rehydrate"},
    "types that are registered late or never": {"late", "add-refused", "child"},
    "data that does not deserialize": {"poison"},
    "panics": {"panicking-transition"},
    "collections": {"collection", "collection-add", "collection-transition"},
    "order of outputs": {"transition-other-task"},
}


@pytest.mark.parametrize("name", scope_names())
def test_every_named_scope_has_every_feature(name: str) -> None:
    parts = load_scopes(name)
    used = {family for part in parts for family in part.actions}
    assert [] == [feature for feature, families in FEATURES.items() if not families <= used]
    assert max(len(place) for part in parts for place in part.places) >= 3


def test_every_family_is_used_by_a_named_scope() -> None:
    parts = [part for name in scope_names() for part in load_scopes(name)]
    for known in (FAMILIES, WORKFLOW_FAMILIES):
        assert set(known) == {family for part in parts if families(part) is known for family in part.actions}


def test_actions_of_a_scope_have_names_of_their_own() -> None:
    for name in scope_names():
        for part in load_scopes(name):
            names = [action.name for action in alphabet(part)]
            assert sorted(set(names)) == sorted(names)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title = 3", "cannot be read"),
        ('title = "t"', "cannot be read"),
        (
            'title = "t"\n[[part]]\nname = "p"\nplaces = [[[1, "a"]]]\ncounts = 1\noutputs = 1\nactions = []',
            "the root [] first",
        ),
        (
            'title = "t"\n[[part]]\nname = "p"\nplaces = [[]]\ncounts = 1\noutputs = 1\nactions = ["ad"]',
            "Did you mean add?",
        ),
        (
            'title = "t"\n[[part]]\nname = "p"\nplaces = [[]]\ncounts = 1\noutputs = 1\nactions = ["clear"]\n'
            "workflow = { tasks = 1 }",
            "names actions 'clear', which are none. Did you mean",
        ),
        ("title = ", "cannot be read"),
    ],
)
def test_a_scope_file_that_makes_no_sense_is_refused_with_a_sentence(tmp_path: Any, text: str, said: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(InputError, match=said.replace("[", r"\[").replace("?", r"\?")):
        load_scopes(str(file))


def test_an_unknown_scope_is_refused_with_a_near_name() -> None:
    with pytest.raises(InputError, match="Did you mean quick"):
        load_scopes("quik")
