"""Walks: random programs along the edges of an explored graph, whose answers are known beforehand.

A tour tries every pair of a state and an action once, by the shortest way. What an implementation hides, such as caches
and aliases, shows only after other histories. Walks try these. Operations and expected answers are encoded once for
each edge and joined as bytes, so that no model runs and nothing is encoded on the way.

Coverage of histories is *n-switch coverage*: the share of the pairs, or triples, of consecutive edges that were tried.
After each edge a walk takes the edges that leave its target in turn, so it prefers pairs that were not yet tried.
"""

from __future__ import annotations

from array import array
from bisect import bisect
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from random import Random
from typing import Any, NamedTuple

import msgspec
from msgspec import UNSET, Struct

from hsm_specs.explore.access_actions import set_up
from hsm_specs.explore.explorer import Edge, Graph
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation

PROGRAM = 240
"""Operations after which a program ends, about."""
LIFE = 60
"""Operations after which a walk starts over with a new root, about: a failure in it stays quick to shrink."""
PANICS = 8
"""One of so many batches may have panics. Their texts differ, so such answers are decoded and compared."""
SAMPLE = 4096
"""Pairs, and triples, that coverage is estimated from: within 1.6 percentage points, at 95 %."""
_NULL = Observation(ok=None)
_Histories = dict[tuple[int, ...], int]
_ENCODER = msgspec.json.Encoder()
_PROGRAMS = msgspec.json.Decoder(tuple[ops.Program, ...])
_EXPECTED = msgspec.json.Decoder(tuple[tuple[Observation, ...], ...])


class Walks(NamedTuple):
    """A batch of programs and their expected answers, both encoded, with the numbers of programs and operations."""

    programs: bytes
    expected: bytes
    size: int
    operations: int

    def decoded(self) -> tuple[tuple[ops.Program, ...], tuple[tuple[Observation, ...], ...]]:
        """Return the programs and what is expected of them."""
        return _PROGRAMS.decode(self.programs), _EXPECTED.decode(self.expected)


class EncodedGraph:
    """A graph with its edges between expanded states encoded, and a sample of its histories.

    ``quiet`` and ``every`` have for each state the edges that leave it, without and with those that panic.
    """

    def __init__(self, graph: Graph) -> None:
        self.edges = [
            encoded(edge, graph) for edge in graph.edges if graph.inside[edge.source] & graph.inside[edge.target]
        ]
        self.quiet: list[list[int]] = [[] for _ in graph.states]
        self.every: list[list[int]] = [[] for _ in graph.states]
        for index, edge in enumerate(self.edges):
            self.every[edge.source].append(index)
            if not edge.panics:
                self.quiet[edge.source].append(index)
        order = Random("order")
        for leaving in (*self.quiet, *self.every):
            order.shuffle(leaving)
        begun = set_up(graph.scope)
        self.set_up, self.root = _joined(begun), _joined(begun[-1:])
        self.set_up_size = len(begun)
        self.set_up_expected, self.null = _joined([_NULL] * len(begun)), _joined([_NULL])
        self.look_ups = [_joined([ops.Child(0, path, place)]) for place, path in enumerate(graph.scope.places)]
        self.late = [state.late for state in graph.states]
        self.pairs, self.triples, self.totals = _sample(self.edges, self.every)


class Walker:
    """Makes walks along a graph, the same ones for the same seed.

    ``pairs`` and ``triples`` are those of the graph's sample that were walked, by their numbers.
    """

    def __init__(self, graph: EncodedGraph, seed: str) -> None:
        self._graph = graph
        self._turns = list(array("H", Random(seed).randbytes(2 * len(graph.edges) + 2)))
        self._ended_late = False
        self.pairs: set[int] = set()
        self.triples: set[int] = set()

    def batches(self, operations: int, size: int) -> Iterator[Walks]:
        """Yield batches of about ``size`` operations until there are at least ``operations``."""
        made = number = 0
        while made < operations:
            ways = self._graph.every if number % PANICS == PANICS - 1 else self._graph.quiet
            batch = self._batch(ways, min(size, operations - made))
            yield batch
            made += batch.operations
            number += 1

    def _batch(self, ways: list[list[int]], size: int) -> Walks:
        graph = self._graph
        programs: list[bytes] = []
        expected: list[bytes] = []
        operations = 0
        while operations < size:
            asked, answers = [graph.set_up], [graph.set_up_expected]
            length = graph.set_up_size + self._life(ways, asked, answers)
            # A late registration lasts as long as the registry does, so what follows it needs a new program.
            while length < PROGRAM and not self._ended_late:
                asked.append(graph.root)
                answers.append(graph.null)
                length += 1 + self._life(ways, asked, answers)
            programs.append(b",".join(asked))
            expected.append(b",".join(answers))
            operations += length
        encoded_programs, encoded_answers = (b"[[" + b"],[".join(parts) + b"]]" for parts in (programs, expected))
        return Walks(encoded_programs, encoded_answers, len(programs), operations)

    def _life(self, ways: list[list[int]], asked: list[bytes], answers: list[bytes]) -> int:
        """Walk from a new root, and return how many operations that took."""
        graph, edges, turns = self._graph, self._graph.edges, self._turns
        before, state, bound, length = len(edges), 0, 1, 0
        walked: list[int] = []
        ask, answer, walk = asked.append, answers.append, walked.append
        while length < LIFE:
            leaving = ways[state]
            if not leaving:
                break
            turn = turns[before]
            turns[before] = turn + 1
            before = leaving[turn % len(leaving)]
            walk(before)
            _, state, operations, expected, size, needs, keeps, makes, _ = edges[before]
            if needs & ~bound:
                length += self._look_up(needs & ~bound, asked, answers)
                bound |= needs
            ask(operations)
            answer(expected)
            length += size
            bound = bound & keeps | makes
        self._ended_late = graph.late[state]
        pairs = pairwise(walked)
        self.pairs.update(graph.pairs[pair] for pair in graph.pairs.keys() & pairs)
        triples = zip(walked, walked[1:], walked[2:], strict=False)
        self.triples.update(graph.triples[triple] for triple in graph.triples.keys() & triples)
        return length

    def _look_up(self, missing: int, asked: list[bytes], answers: list[bytes]) -> int:
        """Look up nodes whose handles a rehydration made invalid, and return how many."""
        look_ups = self._graph.look_ups
        places = [place for place in range(len(look_ups)) if missing >> place & 1]
        asked += [look_ups[place] for place in places]
        answers += [self._graph.null] * len(places)
        return len(places)


class Encoded(NamedTuple):
    """An edge with its operations and expected answers encoded.

    ``needs``, ``keeps`` and ``makes`` are sets of places, as bits: those whose handles must be bound, those that stay
    bound, and those that are bound again.
    """

    source: int
    target: int
    operations: bytes
    expected: bytes
    size: int
    needs: int
    keeps: int
    makes: int
    panics: bool


def encoded(edge: Edge, graph: Graph) -> Encoded:
    """Return an edge of a graph, encoded."""
    action = graph.actions[edge.action]
    return Encoded(
        source=edge.source,
        target=edge.target,
        operations=_joined(action.operations),
        expected=_joined(edge.observations),
        size=len(action.operations),
        needs=sum(1 << place for place in action.needs),
        keeps=1 if action.rehydrates else -1,
        makes=0 if action.makes is None else 1 << action.makes,
        panics=any(map(_panics, edge.observations)),
    )


def _joined(items: Sequence[Any]) -> bytes:
    return _ENCODER.encode(items)[1:-1]


def _panics(observation: Observation) -> bool:
    return observation.panic is not UNSET or any(map(_panics, observation.inner or ()))


def _sample(
    edges: Sequence[Encoded], leaving: Sequence[Sequence[int]]
) -> tuple[_Histories, _Histories, tuple[int, int]]:
    """Return a uniform sample of the pairs and triples of consecutive edges with their numbers in it, and how many
    pairs and triples there are.
    """
    random = Random("sample")
    pairs_of = [len(leaving[edge.target]) for edge in edges]
    triples_of = [sum(pairs_of[index] for index in leaving[edge.target]) for edge in edges]
    pairs: set[tuple[int, ...]] = set()
    triples: set[tuple[int, ...]] = set()
    for chosen, weights, found in ((SAMPLE, pairs_of, pairs), (SAMPLE, triples_of, triples)):
        bounds = list(accumulate(weights))
        while bounds and len(found) < min(chosen, bounds[-1]):
            first = bisect(bounds, random.randrange(bounds[-1]))
            second = _chosen(random, leaving[edges[first].target], None if found is pairs else pairs_of)
            if found is pairs:
                found.add((first, second))
            else:
                found.add((first, second, _chosen(random, leaving[edges[second].target], None)))
    return (
        {history: number for number, history in enumerate(sorted(pairs))},
        {history: number for number, history in enumerate(sorted(triples))},
        (sum(pairs_of), sum(triples_of)),
    )


def _chosen(random: Random, indexes: Sequence[int], weights: Sequence[int] | None) -> int:
    if weights is None:
        return random.choice(indexes)
    return random.choices(indexes, [weights[index] for index in indexes])[0]


class Walked(Struct, frozen=True):
    """The coverage of walks over a part of a scope.

    ``totals`` are the numbers of pairs and of triples of consecutive edges; ``sampled`` the sizes of the samples;
    ``pairs`` and ``triples`` those of the samples that were walked.
    """

    part: int
    totals: tuple[int, int]
    sampled: tuple[int, int]
    pairs: tuple[int, ...] = ()
    triples: tuple[int, ...] = ()


class SwitchCoverage:
    """n-switch coverage of several parts, estimated from their samples. Its size is bounded."""

    def __init__(self) -> None:
        self._parts: dict[int, Walked] = {}
        self._tried: dict[int, tuple[set[int], set[int]]] = {}

    def add(self, walked: Walked) -> None:
        """Add what a shard walked."""
        self._parts[walked.part] = walked
        pairs, triples = self._tried.setdefault(walked.part, (set(), set()))
        pairs.update(walked.pairs)
        triples.update(walked.triples)

    def shares(self) -> tuple[float, float]:
        """Return the shares, from 0 to 1, of the pairs and of the triples of the added parts that were walked."""
        return self._share(0), self._share(1)

    def _share(self, which: int) -> float:
        total = sum(part.totals[which] for part in self._parts.values())
        walked = sum(
            part.totals[which] * len(self._tried[index][which]) / max(1, part.sampled[which])
            for index, part in self._parts.items()
        )
        return walked / total if total else 0.0
