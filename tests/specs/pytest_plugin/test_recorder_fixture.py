"""The fixture that records a test, in pytest sessions of their own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hsm_specs.traces import Judging, JudgingOptions

pytest_plugins = ["pytester"]
TESTS = """
import pytest
from hsm_model.machines.callbacks import CALLBACK_TYPE
from hsm_model.registry import MachineType
from hsm_model.tasks import TransitionOutput

class Root:
    pass

class Roots:
    def type(self):
        return MachineType(1, "root")

    def serialize(self, data):
        return b""

    def deserialize(self, data):
        return Root()

def root_of(hsm):
    registry = hsm.new_registry()
    registry.register_machine(Roots())
    return hsm.new_root(registry, 1, Root())

@pytest.mark.parametrize("text", ["a/b", "c"])
def test_passes(hsm_recorder, text):
    root = root_of(hsm_recorder)
    hsm_recorder.machine_transition(root, Root, lambda data: TransitionOutput())
    assert root.transition_count() == 1

def test_fails(hsm_recorder):
    assert root_of(hsm_recorder).dirty()

def test_records_nothing(hsm_recorder):
    pass
"""
CONFTEST = """
import pytest

@pytest.fixture
def hsm_recording():
    return {"implementation": "mine", "version": "3"}
"""


@pytest.fixture
def run(pytester, monkeypatch, pytestconfig):
    """Run the tests, with a folder for traces or without."""
    plugin = () if pytestconfig.pluginmanager.has_plugin("hsmspec") else ("-p", "hsm_specs.pytest_plugin")
    pytester.makepyfile(test_it=TESTS)
    pytester.makeconftest(CONFTEST)

    def call(traces: str, *arguments: str) -> list[Path]:
        monkeypatch.setenv("HSMTRACE", traces)
        result = pytester.runpytest_inprocess("-p", "no:hypothesispytest", *plugin, *arguments)
        result.assert_outcomes(passed=3, failed=1)
        return sorted(Path(pytester.path).glob("**/*.jsonl"))

    return call


def test_each_test_has_a_file_of_its_own_that_conforms(run) -> None:
    files = run("traces")
    assert ["test_fails", "test_passes[a-b]", "test_passes[c]"] == [
        file.name.removeprefix("test_it.py-").removesuffix("-1.jsonl") for file in files
    ]
    assert {"traces"} == {file.parent.name for file in files}
    header = json.loads(files[0].read_text().splitlines()[0])
    assert {"implementation": "mine", "version": "3", "language": "python"}.items() <= header.items()
    traces = []
    result = Judging(JudgingOptions([str(file) for file in files]), traces.append).run()
    assert 0 == result.exit_code
    assert ["test_it.py::test_fails", "test_it.py::test_passes[a/b]", "test_it.py::test_passes[c]"] == [
        trace.trace for trace in traces
    ]
    assert [None] * 3 == [trace.unfinished for trace in traces]


def test_a_second_session_adds_files(run) -> None:
    assert (3, 6) == (len(run("traces")), len(run("traces")))


def test_nothing_is_recorded_without_the_variable(run) -> None:
    assert [] == run("")


def test_the_place_of_a_call_is_relative_to_the_folder_of_the_tests(run) -> None:
    [file, *_] = run("traces")
    places = [line["at"]["file"] for line in map(json.loads, file.read_text().splitlines()) if "at" in line]
    assert {"test_it.py"} == set(places)


def test_a_folder_that_cannot_be_written_to_is_an_error_of_the_test(pytester, run, monkeypatch, pytestconfig) -> None:
    monkeypatch.setenv("HSMTRACE", "test_it.py/traces")
    plugin = () if pytestconfig.pluginmanager.has_plugin("hsmspec") else ("-p", "hsm_specs.pytest_plugin")
    result = pytester.runpytest_inprocess("-p", "no:hypothesispytest", *plugin)
    result.assert_outcomes(errors=4)
    result.stdout.fnmatch_lines(["*InputError: The trace of test_it.py::test_* cannot be written to *"])
