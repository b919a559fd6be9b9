"""The pytest plugin, in sessions of its own."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.pytest_plugin import suite

assert suite, "imported here once, and not again in each session"
pytest_plugins = ["pytester"]

REPOSITORY = Path(__file__).parents[3]
AMENDED = REPOSITORY / "tests" / "specs" / "engine" / "implementations" / "amended.py"
HOSTILE = REPOSITORY / "tests" / "specs" / "adapter" / "hostile"
EXAMPLE = REPOSITORY / "adapters" / "python" / "example"
DEVIATIONS = """
[[deviation]]
requirement = "DIRTY-TREE-3"
observed = "Adding a child makes it dirty."
reason = "It has to be written."
amendment = "add-child-dirties"
"""
IN_PROCESS = """
import pytest
from plain_hsm.adapter import answer

@pytest.fixture(scope="session")
def hsmspec_implementation():
    return answer
"""


@pytest.fixture
def session(pytester, monkeypatch, pytestconfig):
    """Run pytest with the plugin, in a process of its own where it is to be ``apart``."""
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY / "adapters" / "python"), prepend=":")
    installed = pytestconfig.pluginmanager.has_plugin("hsmspec")
    plugin = () if installed else ("-p", "hsm_specs.pytest_plugin")

    def run(*arguments, few=True, apart=False):
        cases = ("--hsmspec-cases", "4") if few else ()
        start = pytester.runpytest_subprocess if apart else pytester.runpytest_inprocess
        warnings = ("-W", "error", "-W", "ignore::pytest.PytestAssertRewriteWarning")
        return start(*warnings, "-p", "no:hypothesispytest", *plugin, *cases, *arguments)

    return run


def command(*amendments):
    return " ".join((sys.executable, str(AMENDED), *amendments))


def lines_of(result):
    return "\n".join(result.outlines)


def test_a_test_for_each_requirement_without_any_file(session):
    result = session("--hsmspec-adapter", command(), "--strict-markers")
    result.assert_outcomes(passed=sum(each.judged for each in load_catalogue().values()))


def test_a_requirement_is_chosen_by_name_and_an_area_by_its_marker(session):
    named = session("--hsmspec-adapter", command(), "--collect-only", "-q", "-k", "NODE-ADD-1")
    assert "hsmspec::node::NODE-ADD-1" in named.outlines
    assert not any("NODE-ADD-2" in line for line in named.outlines)
    marked = session("--hsmspec-adapter", command(), "--collect-only", "-q", "-m", "hsmspec_rollback")
    collected = [line for line in marked.outlines if "::" in line]
    assert collected
    assert all(line.startswith("hsmspec::rollback::MT-ROLLBACK-") for line in collected)


def test_the_message_of_a_failure_is_the_finding(session):
    result = session("--hsmspec-adapter", command("add-child-dirties"), "-k", "DIRTY-TREE-3")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "DIRTY-TREE-3  Adding a child is no transition and makes no node dirty.",
            "*6 programs fail like this; the smallest of them:",
            ">   5  n?.Dirty()",
            "        expected: false",
            "        observed: true",
        ]
    )
    assert "Traceback" not in lines_of(result)


@pytest.mark.parametrize(
    ("amendments", "outcomes"),
    [(["add-child-dirties"], {"xfailed": 1}), ([], {"failed": 1}), (["failed-apply-keeps-destination"], {"failed": 1})],
)
def test_known_deviations_are_strict_expected_failures(session, pytester, amendments, outcomes):
    pytester.makefile(".toml", known=DEVIATIONS)
    adapter = ("--hsmspec-adapter", command(*amendments), "--hsmspec-deviations", "known.toml")
    result = session(*adapter, "-k", "DIRTY-TREE-3", "-rx")
    result.assert_outcomes(**outcomes)
    if "xfailed" in outcomes:
        result.stdout.fnmatch_lines(["XFAIL hsmspec::dirty::DIRTY-TREE-3 - Adding a child makes it dirty."])


def test_another_failure_than_the_known_one_is_none_that_was_expected(session, pytester):
    stated = DEVIATIONS.replace(
        'amendment = "add-child-dirties"', 'observations = [{ op = "dirty", panic = "out of memory" }]'
    )
    pytester.makefile(".toml", known=stated)
    adapter = ("--hsmspec-adapter", command("add-child-dirties"), "--hsmspec-deviations", "known.toml")
    session(*adapter, "-k", "DIRTY-TREE-3").assert_outcomes(failed=1)


def test_what_is_not_offered_is_skipped(session):
    core_only = f"{sys.executable} {AMENDED.with_name('core_only.py')}"
    result = session("--hsmspec-adapter", core_only, "-k", "TRANS-APPLY-1", "-rs")
    result.assert_outcomes(skipped=1)
    assert "(needs transitions)" in lines_of(result)


def test_workers_of_xdist_collect_the_same_and_have_an_adapter_each(session):
    result = session(
        "-n", "2", "--hsmspec-adapter", command("add-child-dirties"), "-m", "hsmspec_dirty or hsmspec_clear"
    )
    outcomes = result.parseoutcomes()
    assert outcomes["failed"] >= 1
    assert outcomes["passed"] >= 1
    assert "Different tests were collected" not in lines_of(result)


def test_the_same_seed_makes_the_same_cases(session):
    adapter = ("--hsmspec-adapter", command("add-child-dirties"), "-k", "DIRTY-TREE-3", "--hsmspec-seed", "7")
    first, second = (lines_of(session(*adapter)).split("short test summary")[0].split("FAILURES")[1] for _ in range(2))
    assert first == second


def test_an_ini_file_names_the_adapter_from_its_own_folder(session, pytester):
    pytester.makefile(".sh", adapter=f"#!/bin/sh\nexec {command()}\n").chmod(0o755)
    pytester.makeini("[pytest]\nhsmspec_adapter = ./adapter.sh")
    below = pytester.mkdir("below")
    (below / "test_one.py").write_text("def test_one(): pass\n")
    session("-k", "NODE-KEY-1").assert_outcomes(passed=1)
    session("below", "-k", "NODE-KEY-1 or test_one").assert_outcomes(passed=2)
    session("below/test_one.py").assert_outcomes(passed=1)


def test_a_fixture_brings_an_implementation_of_this_process(session, pytester):
    pytester.mkdir("tests").joinpath("conftest.py").write_text(IN_PROCESS)
    pytester.path.joinpath("tests", "test_own.py").write_text("def test_own(): pass\n")
    outcomes = session().parseoutcomes()
    assert outcomes["passed"] > 115
    of_the_framework = sum(each.judged and "transactions" in each.capabilities for each in load_catalogue().values())
    assert outcomes["skipped"] == 3 + of_the_framework
    session("tests/test_own.py").assert_outcomes(passed=1)
    session("tests", "-k", "NODE-KEY-1").assert_outcomes(passed=1)
    session("--hsmspec-adapter", command("add-child-dirties"), "-k", "DIRTY-TREE-3").assert_outcomes(failed=1)


def test_an_implementation_that_raises_is_shown_with_where_it_did(session, pytester):
    pytester.makeconftest(
        IN_PROCESS.replace("return answer", "return lambda line: answer(line) if b'hello' in line else 1 / 0")
    )
    result = session("-k", "NODE-KEY-1")
    result.assert_outcomes(failed=1)
    assert "ZeroDivisionError: division by zero" in lines_of(result)
    assert "The implementation raised ZeroDivisionError" in lines_of(result)


@pytest.mark.parametrize(
    ("value", "words"),
    [("7", "hsmspec_implementation is int."), ("lambda line: 'x'", "answered str in place of bytes")],
)
def test_a_fixture_that_brings_something_else_is_told(session, pytester, value, words):
    pytester.makeconftest(IN_PROCESS.replace("return answer", f"return {value}"))
    result = session("-k", "NODE-KEY-1")
    result.assert_outcomes(failed=1)
    assert words in lines_of(result)


def test_an_adapter_that_fails_fails_every_test_and_is_not_awaited_for_ever(session):
    hanging = f"{sys.executable} -S {HOSTILE / 'hangs_mid_batch.py'}"
    result = session("--hsmspec-adapter", hanging, "--hsmspec-timeout", "0.3", "-m", "hsmspec_node")
    assert "passed" not in result.parseoutcomes()
    assert "gave no answer within 0.3 s" in lines_of(result)
    assert "stderr: thinking about it" in lines_of(result)
    assert result.duration < 20


def test_an_adapter_that_is_another_version_later_is_refused(session):
    updating = f"{sys.executable} {AMENDED.with_name('updates.py')} starts collection_list"
    result = session("--hsmspec-adapter", updating, "-k", "COLL-LIST")
    assert "The adapter says that it is hsm-model 2, and it began as hsm-model 1." in lines_of(result)
    assert "hsm-model 3" not in lines_of(result)


def test_a_failing_adapter_is_no_known_deviation(session, pytester):
    pytester.makefile(".toml", known=DEVIATIONS)
    result = session("--hsmspec-adapter", "/nowhere/at/all", "--hsmspec-deviations", "known.toml", "-k", "DIRTY-TREE-3")
    result.assert_outcomes(failed=1)
    assert "could not be started" in lines_of(result)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--hsmspec-adapter", "'"), "cannot be read"),
        (("--hsmspec-adapter", ""), "command is empty"),
        (("--hsmspec-adapter", "x", "--hsmspec-deviations", "missing.toml"), "missing.toml cannot be read"),
        (("--hsmspec-adapter", "x", "--hsmspec-cases", "0"), "at least one case"),
    ],
)
def test_what_makes_no_sense_is_said_in_a_sentence(session, arguments, words):
    result = session(*arguments, few=False)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert words in "\n".join(result.errlines)


def test_nothing_happens_where_nothing_is_configured(session, pytester):
    pytester.makepyfile(
        """
        import sys

        def test_nothing():
            assert [name for name in sys.modules if name.startswith("hsm_")] == ["hsm_specs", "hsm_specs.pytest_plugin"]
        """
    )
    session(few=False, apart=True).assert_outcomes(passed=1)


def test_the_example_runs(session, pytester):
    shutil.copytree(EXAMPLE, pytester.path, dirs_exist_ok=True)
    outcomes = session().parseoutcomes()
    assert "failed" not in outcomes
    assert outcomes["passed"] > 115
