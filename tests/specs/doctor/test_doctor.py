"""The doctor: what it sees of good and of hostile adapters, and of what surrounds them."""

from __future__ import annotations

import re
import shlex
import sys
import tomllib
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hsm_specs.adapter import Timeouts
from hsm_specs.cli.commands import hsmspec
from hsm_specs.cli.error_handling import guarded
from hsm_specs.doctor import Check, adapter_checks, environment_checks, exit_code
from hsm_specs.doctor.adapter_checks import deviation, speed
from hsm_specs.doctor.environment import EXTRAS, _python
from hsm_specs.doctor.smoke import SMOKE
from hsm_specs.generation.random_programs import ALL_CAPABILITIES
from hsm_specs.installed import installed_version, is_compiled
from hsm_specs.language.capabilities import capabilities_of

FOLDER = Path(__file__).parents[1]
HOSTILE = FOLDER / "adapter" / "hostile"
MODEL = [sys.executable, "-m", "hsm_specs.adapter.serve"]
PLAIN = [sys.executable, "-m", "plain_hsm.adapter"]
SHORT = Timeouts(start=10, answer=1.0, end=1.0)


@pytest.fixture(autouse=True)
def _packages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", ":".join(sys.path))


def hostile(name: str, *arguments: str) -> list[str]:
    return [sys.executable, "-S", str(HOSTILE / f"{name}.py"), *arguments]


def examined(command: list[str], timeouts: Timeouts = SHORT) -> dict[str, Check]:
    """Return the checks of an adapter by name."""
    return {check.name: check for check in adapter_checks(command, timeouts)}


def faults(checks: dict[str, Check]) -> set[str]:
    return {name for name, check in checks.items() if check.status == "fault"}


@pytest.mark.parametrize("command", [MODEL, PLAIN], ids=["model", "plain"])
def test_a_good_adapter_has_no_fault_and_answers_byte_for_byte(command: list[str]) -> None:
    checks = examined(command, Timeouts())
    assert set() == faults(checks)
    # How fast it is depends on what else the machine does.
    assert {"ok"} == {check.status for name, check in checks.items() if name not in ("start", "speed")}
    programs = [check for name, check in checks.items() if name.startswith("program: ")]
    assert programs
    assert all("byte for byte" in check.text for check in programs if "wire" not in check.name)
    assert 0 == exit_code(checks.values())


def test_a_program_tries_each_capability() -> None:
    assert set().union(*(capabilities_of(smoke.program) for smoke in SMOKE)) == {*ALL_CAPABILITIES, "wire"}


@pytest.mark.parametrize(
    ("command", "expected", "said"),
    [
        (hostile("hangs_at_start"), {"handshake"}, "gives no whole line within 1 s"),
        (hostile("ends", "start", "3"), {"handshake"}, "exited with status 3; stderr: the last words"),
        (hostile("ends", "start", "-9"), {"handshake"}, "was ended by SIGKILL"),
        (hostile("greets", "hello"), {"handshake"}, "wrote a line that is no answer (hello)"),
        (
            hostile("greets", '{"seq":0,"hello":{"protocol":2,"name":"n","version":"1","language":"l"}}'),
            {"handshake"},
            "speaks version 2 of the protocol",
        ),
        (
            hostile(
                "greets",
                '{"seq":0,"hello":{"protocol":1,"name":"n","version":"1","language":"l","capabilities":["wire"]}}',
            ),
            {"handshake"},
            "without naming its dialect",
        ),
        (
            hostile(
                "greets",
                '{"seq":0,"hello":{"protocol":1,"name":"n","version":"1","language":"l","capabilities":["flight"]}}',
            ),
            {"handshake"},
            "flight",
        ),
    ],
)
def test_an_adapter_that_does_not_introduce_itself_is_looked_at_no_further(
    command: list[str], expected: set[str], said: str
) -> None:
    timeouts = Timeouts(start=1.0) if command == hostile("hangs_at_start") else SHORT
    checks = examined(command, timeouts)
    assert expected == faults(checks) == checks.keys()
    assert said in checks["handshake"].text
    assert checks["handshake"].remedy
    assert 1 == exit_code(checks.values())


@pytest.mark.parametrize("name", ["never_reads", "drips", "half_line_and_waits", "closes_stdin", "ignores_termination"])
def test_after_an_answer_that_does_not_come_nothing_more_is_asked(name: str) -> None:
    checks = examined(hostile(name))
    assert {f"program: {SMOKE[0].title}"} == faults(checks)
    assert {"handshake", f"program: {SMOKE[0].title}"} == checks.keys()


@pytest.mark.parametrize(
    ("command", "check", "said"),
    [
        (hostile("_speak"), "unknown operation", "it is answered with"),
        (hostile("_speak"), "malformed line", "exited with status 1"),
        (hostile("_speak"), "other protocol", "it is answered with"),
        (hostile("answers_twice"), "requests in flight", "sequence number 1 instead of 2"),
        (hostile("answers_twice"), "end of input", "writes something unrequested"),
        (hostile("hangs_mid_batch"), "batches", "gives no whole line"),
        (hostile("half_line"), "batches", "exited with status 0"),
        (hostile("megabytes"), "batches", "writes a line without end"),
        (hostile("ends", "at the end", "3"), "end of input", "it exits with status 3"),
        (hostile("claims"), f"program: {SMOKE[0].title}", 'operation 1: expected `{"ok":null}`'),
        (hostile("claims", "refuses"), "speed", "there is no such operation here"),
    ],
)
def test_a_fault_is_named_and_so_is_what_mends_it(command: list[str], check: str, said: str) -> None:
    checks = examined(command)
    assert check in faults(checks)
    assert said in checks[check].text
    assert checks[check].remedy
    assert 1 == exit_code(checks.values())


@pytest.mark.parametrize("arguments", [("3",), ("-9",)])
def test_a_command_that_ends_is_to_be_run_in_a_shell(arguments: tuple[str, ...]) -> None:
    command = hostile("ends", "start", *arguments)
    remedy = examined(command)["handshake"].remedy
    assert remedy.startswith(f"Run `{shlex.join(command)}` in a shell to see why it ends")
    assert "`hello`" in examined(hostile("greets", "hello"))["handshake"].remedy


def test_the_extras_are_those_of_the_project() -> None:
    project = tomllib.loads((FOLDER.parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    assert list(project["optional-dependencies"]) == [extra.name for extra in EXTRAS]
    needed = {name for names in project["optional-dependencies"].values() for name in names}
    assert {re.split("[>=]", name)[0] for name in needed} - {"graphviz-pure"} == {
        module for extra in EXTRAS for module in extra.modules
    }


def test_which_hsmspec_it_is_comes_first() -> None:
    first = next(environment_checks(MODEL, Path()))
    assert ("hsmspec", "ok") == (first.name, first.status)
    assert first.text in (f"{installed_version()}, compiled", f"{installed_version()}, not compiled")
    assert is_compiled() == (not first.text.endswith("not compiled"))


def test_noise_on_stderr_is_a_warning() -> None:
    assert "warning" == examined(hostile("floods_stderr"))["stderr"].status


def test_an_answer_that_is_right_and_not_canonical_is_a_warning(tmp_path: Path) -> None:
    spaced = tmp_path / "spaced.py"
    spaced.write_text(
        "import json, sys\n"
        "from plain_hsm.adapter import answer\n"
        "for line in sys.stdin.buffer:\n"
        "    print(json.dumps(json.loads(answer(line))), flush=True)\n",
        "utf-8",
    )
    checks = examined([sys.executable, str(spaced)])
    assert set() == faults(checks)
    programs = [check for name, check in checks.items() if name.startswith("program: ")]
    assert ["warning"] * len(programs) == [check.status for check in programs]
    assert "there are spaces" in programs[0].text
    assert 0 == exit_code(checks.values())


@pytest.mark.parametrize(
    ("answer", "cause"),
    [
        ('{"seq":1,"observations":[[{"ok":"ü","inner":[{"ok":1}]}]]}', ""),
        ('{"seq":1,"observations":[[{"ok":"\\u00fc","inner":[{"ok":1}]}]]}', "beyond ASCII are escaped (byte 33"),
        ('{"seq":1, "observations":[[{"ok":"ü","inner":[{"ok":1}]}]]}', "there are spaces"),
        ('{"seq":1,"observations":[[{"inner":[{"ok":1}],"ok":"ü"}]]}', "members are in another order"),
        ('{"seq":1,"observations":[[{"ok":"ü","inner":[{"ok":1}],"message":"m"}]]}', "never compared"),
    ],
)
def test_in_what_an_answer_is_not_canonical_is_told(answer: str, cause: str) -> None:
    expected = '{"seq":1,"observations":[[{"ok":"ü","inner":[{"ok":1}]}]]}'.encode()
    said = deviation(expected, answer.encode())
    assert cause in said
    assert bool(cause) == bool(said)


@given(st.integers(1, 10**6), st.floats(0, 100), st.floats(0, 10), st.floats(0.1, 100))
def test_the_speed_is_never_a_fault_and_slow_answers_get_advice(
    operations: int, seconds: float, round_trip: float, timeout: float
) -> None:
    check = speed(operations, seconds, round_trip, Timeouts(answer=timeout))
    assert check.status in ("ok", "warning")
    assert bool(check.remedy) == (check.status == "warning")
    if seconds > timeout / 2:
        assert "--timeout" in check.remedy


def test_slow_answers_and_late_ones_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.getloadavg", lambda: (0.0, 0.0, 0.0))
    assert "ok" == speed(1500, 0.01, 0.0001, Timeouts()).status
    assert "buffers" in speed(1500, 1.0, 0.0001, Timeouts()).remedy
    assert "Flush" in speed(1500, 0.01, 0.04, Timeouts()).remedy


def test_what_surrounds_the_adapter_is_well_here(tmp_path: Path) -> None:
    checks = {check.name: check for check in environment_checks(MODEL, tmp_path / "a" / "b")}
    assert {
        "hsmspec",
        "python",
        "findings",
        "command",
        "renderer",
        *(f"extra {extra.name}" for extra in EXTRAS),
    } == checks.keys()
    assert set() == faults(checks)
    assert {"environment"} == {check.about for check in checks.values()}
    assert not (tmp_path / "a").exists()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "cannot be found"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b""), "may not be executed"),
    ],
)
def test_a_command_that_cannot_be_run_is_a_fault_of_what_surrounds_the_adapter(tmp_path: Path, make, said: str) -> None:
    make(tmp_path / "adapter")
    *_, check = environment_checks([str(tmp_path / "adapter")], tmp_path)
    assert ("command", "fault") == (check.name, check.status)
    assert said in check.text
    assert check.remedy
    assert 2 == exit_code([check])


def test_a_program_of_this_folder_needs_a_slash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "adapter").touch(0o755)
    *_, check = environment_checks(["adapter"], tmp_path)
    assert ("fault", "Write `./adapter`, with a slash.") == (check.status, check.remedy)


def test_findings_where_nothing_can_be_written_are_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    checks = {check.name: check for check in environment_checks(MODEL, tmp_path / "file" / "findings")}
    assert {"findings"} == faults(checks)
    assert "--findings" in checks["findings"].remedy


def test_an_old_python_is_a_fault() -> None:
    assert "fault" == _python((3, 10)).status
    assert "ok" == _python((3, 11)).status


def test_a_missing_extra_is_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hsm_specs.doctor.environment.find_spec", lambda module: None)
    checks = {check.name: check for check in environment_checks(MODEL, tmp_path)}
    assert set() == faults(checks)
    assert "warning" == checks["extra diagrams"].status
    assert "pip install 'hsmspec[diagrams]'" in checks["extra diagrams"].remedy


def test_a_fault_of_the_adapter_outweighs_one_of_what_surrounds_it() -> None:
    surroundings, adapter = Check("a", "fault", "", "", "environment"), Check("b", "fault", "", "")
    assert 2 == exit_code([surroundings])
    assert 1 == exit_code([surroundings, adapter])
    assert 0 == exit_code([Check("c", "warning", "", "remedy")])


def test_the_command_line_says_it_all_and_writes_it_as_json(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert 1 == guarded(hsmspec, ["doctor", "--timeout", "1", "--json", "d.json", "--", *hostile("_speak")])
    said = capsys.readouterr().out
    result = msgspec.json.decode((tmp_path / "d.json").read_bytes())
    assert (1, 1) == (result["format"], result["exit_code"])
    for check in result["checks"]:
        label = "FAULT" if check["status"] == "fault" else check["status"]
        assert f"{label:<8} {check['name']}: {check['text']}" in said
    number = sum(check["status"] == "fault" for check in result["checks"])
    assert f"{number} faults" in said
    assert 2 == guarded(hsmspec, ["doctor", "--", "no-such-program"])
    assert 0 == guarded(hsmspec, ["doctor", "--", *PLAIN])


def test_an_adapter_that_answers_fast_requests_before_a_slow_one_is_seen() -> None:
    assert "requests in flight" in faults(examined(hostile("fast_first")))


def test_handle_0_and_the_value_minus_2_are_tried() -> None:
    titles = {smoke.title for smoke in SMOKE}
    assert {"binds handle 0", "rejects data that does not deserialize", "waits for functions that end late"} <= titles


def test_buffering_is_not_blamed_on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for load, blamed in ((99.0, False), (0.0, True)):
        monkeypatch.setattr("os.getloadavg", lambda load=load: (load, load, load))
        assert ("Flush" in speed(10_000, 0.1, 0.1, Timeouts()).remedy) is blamed
