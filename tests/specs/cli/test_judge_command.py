"""``hsmspec judge``."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
import pytest

from hsm_model.amendments import amend
from hsm_specs.language import operations as ops
from hsm_specs.language.observations import Observation
from hsm_specs.oracle.world import predict

from .known import KNOWN

ADDED = (
    ops.NewRegistry(),
    ops.RegisterMachine(1),
    ops.NewRoot(1, (0, 0), 0),
    ops.AddChild(0, (1, "a"), (0, 0), 1),
    ops.Dirty(1),
)


def trace(name: str, amendments: tuple[str, ...] = (), program: ops.Program = ADDED) -> str:
    seen = predict(program, amend(names=amendments))
    pairs = zip(program, seen, strict=True)
    return "".join(msgspec.json.encode({"trace": name, "op": op, "saw": saw}).decode() + "\n" for op, saw in pairs)


GOOD, BAD = trace("good"), trace("bad", ("add-child-dirties",))


@pytest.fixture(autouse=True)
def known(cli) -> None:
    """Return the files that are judged, in the folder that is the current one."""
    Path("known.toml").write_text(KNOWN, encoding="utf-8")
    Path("good.jsonl").write_text(GOOD, encoding="utf-8")
    Path("bad.jsonl").write_text(GOOD + BAD, encoding="utf-8")


def test_allowed(cli) -> None:
    said = cli("judge", "good.jsonl")
    assert (0, "") == (said.code, said.err)
    assert said.out.startswith("1 trace: 1 conform\n5 operations")
    assert said.out.endswith("The specification allows this.\n")


def test_forbidden(cli) -> None:
    said = cli("judge", "bad.jsonl", "good.jsonl")
    assert 1 == said.code
    assert said.out.startswith(
        """\
bad.jsonl, line 10, trace "bad": forbidden
  DIRTY-TREE-3  Adding a child is no transition and makes no node dirty.
    n1.Dirty()
      expected: false
      observed: true

DIRTY-TREE-3     deviates            1 trace  Adding a child is no transition and makes no node dirty.

3 traces: 2 conform, 1 deviate
15 operations"""
    )
    assert said.out.endswith("The specification does not allow this.\n")


def test_known(cli) -> None:
    said = cli("judge", "bad.jsonl", "--deviations", "known.toml", "--json", "result.json")
    assert 0 == said.code
    assert 'bad.jsonl, line 10, trace "bad": a known deviation' in said.out
    result = json.loads(Path("result.json").read_bytes())
    assert (0, ["add-child-dirties"], "known.toml") == (
        result["exit_code"],
        result["amendments"],
        result["deviations"],
    )


def test_not_understood(cli) -> None:
    Path("odd.jsonl").write_text(GOOD + BAD + "nonsense\n" * 30 + BAD.replace("bad", "odd"), encoding="utf-8")
    said = cli("judge", "odd.jsonl", "none.jsonl")
    assert 2 == said.code
    assert "hsmspec: odd.jsonl, line 11: it is no JSON object (nonsense).\n" in said.err
    assert "hsmspec: ... and 21 more problems; --json FILE has them\n" in said.err
    assert 'odd.jsonl, line 10, trace "bad": forbidden' in said.out
    why = "line 11 was not understood, and a difference here (DIRTY-TREE-3) may depend on it"
    assert f'odd.jsonl, line 45, trace "odd": not judged from here on; {why}' in said.out
    assert "Traceback" not in said.err
    assert said.out.endswith(
        "\nThe specification does not allow this, and not everything could be judged: 31 problems, the first 10"
        " of them said above.\n"
    )
    Path("odd.jsonl").write_text(GOOD + "nonsense\n" * 11, encoding="utf-8")
    said = cli("judge", "odd.jsonl")
    assert "hsmspec: ... and 1 more problem; --json FILE has them\n" in said.err
    assert said.out.endswith("\nNot everything could be judged: 11 problems, the first 10 of them said above.\n")


def test_only_the_first_problems_are_said_to_be_in_the_file(cli) -> None:
    Path("odd.jsonl").write_text(GOOD + "nonsense\n" * 3000, encoding="utf-8")
    said = cli("judge", "odd.jsonl", "--json", "result.json")
    assert "hsmspec: ... and 2,990 more problems; --json FILE has the first 1,000 of all 3,000\n" in said.err
    assert said.out.endswith("Not everything could be judged: 3,000 problems, the first 10 of them said above.\n")
    assert 1000 == len(json.loads(Path("result.json").read_bytes())["problems"])


def test_a_question_has_no_full_stop(cli) -> None:
    Path("odd.jsonl").write_text(GOOD + '{"op":{"op":"new_registri"},"saw":{"ok":null}}\n', encoding="utf-8")
    assert cli("judge", "odd.jsonl").err.endswith("is `new_registry` meant?\n")


def test_one_is_not_many_and_large_numbers_are_grouped(cli) -> None:
    Path("one.jsonl").write_text(GOOD.splitlines()[0] + "\n", encoding="utf-8")
    assert cli("judge", "one.jsonl").out.startswith("1 trace: 1 conform\n1 operation, about 1 requirement, ")
    first = GOOD.splitlines()[0].replace('"good"', '"%d"')
    Path("many.jsonl").write_text("".join(f"{first % number}\n" for number in range(1001)) + BAD, encoding="utf-8")
    assert "1,002 traces: 1,001 conform, 1 deviate\n1,006 operations, about " in cli("judge", "many.jsonl").out


def test_stdin_is_judged_once(cli) -> None:
    said = cli("judge", "-", "good.jsonl", "-")
    assert (2, "") == (said.code, said.out)
    assert "name `-` at most once" in said.err
    said = cli("judge", "good.jsonl", "good.jsonl")
    assert 0 == said.code
    assert "2 traces: 2 conform\n10 operations" in said.out


def test_not_specified(cli) -> None:
    inside = ops.Script((ops.RegisterMachine(2),))
    program = msgspec.json.encode(
        {"op": ops.MachineTransition(0, inside), "saw": Observation(ok=None), "trace": "good"}
    )
    Path("silent.jsonl").write_text(GOOD + program.decode() + "\n", encoding="utf-8")
    said = cli("judge", "silent.jsonl")
    assert 0 == said.code
    assert (
        'silent.jsonl, line 6, trace "good": not judged from here on; this is not specified (REG-THREAD-1' in said.out
    )


def test_what_was_not_recorded_to_its_end_is_told_and_is_in_no_departures_place(cli) -> None:
    cut = "".join(trace(f"t{number}") + f'{{"trace":"t{number}","end":true,"because":"so"}}\n' for number in range(12))
    Path("cut.jsonl").write_text(cut + BAD, encoding="utf-8")
    said = cli("judge", "cut.jsonl")
    assert 1 == said.code
    assert said.out.startswith('cut.jsonl, line 6, trace "t0": recorded up to here (so)\n')
    assert 10 == said.out.count("recorded up to here")
    assert 'trace "bad": forbidden' in said.out
    assert "... and 2 more; --json FILE has them all" in said.out
    assert "13 traces: 12 conform, 1 deviate\n" in said.out
    assert said.out.endswith("; 12 traces were not recorded to their ends.\n")
    Path("cut.jsonl").write_text(cut[: cut.index("so") + 5], encoding="utf-8")
    assert cli("judge", "cut.jsonl").out.endswith("; 1 trace was not recorded to its end.\n")


def test_many_are_counted(cli) -> None:
    content = "".join(trace(f"t{number}", ("add-child-dirties",)) for number in range(30))
    Path("many.jsonl").write_text(content, encoding="utf-8")
    said = cli("judge", "many.jsonl")
    assert 10 == said.out.count(": forbidden")
    assert "... and 20 more; --json FILE has them all" in said.out


def test_nothing(cli, monkeypatch) -> None:
    Path("empty.jsonl").write_text("", encoding="utf-8")
    said = cli("judge", "empty.jsonl")
    assert 2 == said.code
    assert "Nothing could be judged: 1 problem, said above.\n" == said.out
    assert "hsmspec: empty.jsonl has no operation.\n" == said.err
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO()))
    said = cli("judge", "good.jsonl", "-")
    assert (2, "hsmspec: stdin has no operation.\n") == (said.code, said.err)
    assert 2 == cli("judge").code


def test_the_trace_of_the_readme_is_allowed(cli) -> None:
    readme = (Path(__file__).parents[3] / "README.md").read_text(encoding="utf-8")
    start = readme.index('{"hsmspec":1')
    Path("readme.jsonl").write_text(readme[start : readme.index("```", start)], encoding="utf-8")
    said = cli("judge", "readme.jsonl")
    assert (0, "") == (said.code, said.err)
    assert "1 trace: 1 conform\n3 operations" in said.out
