"""The tests that the plugin collects, loaded if there is an implementation to judge."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest

from hsm_specs.adapter import Adapter, Client, InProcess, Timeouts
from hsm_specs.adapter.in_process import Answer
from hsm_specs.catalogue.requirements import AREAS, Requirement, load_areas, load_catalogue
from hsm_specs.engine.single_requirement import Examined, Examiner
from hsm_specs.errors import InputError, ToolError
from hsm_specs.oracle.deviations import NONE_KNOWN, Deviations, deviations_in
from hsm_specs.printable import printable
from hsm_specs.pytest_plugin import FIXTURE
from hsm_specs.report.rendering import finding_lines
from hsm_specs.report.summary import trouble_lines
from hsm_specs.results.verdicts import Verdict

MARKER = "hsmspec"


class NonConformance(AssertionError):
    """A requirement is violated. The message has the findings."""


class KnownDeviation(NonConformance):
    """A requirement is violated as a known deviation states."""


class AdapterSuite:
    """The tests of an adapter, in addition to the other tests of the session."""

    def __init__(self, config: pytest.Config) -> None:
        command = _adapter(config)
        start = partial(Adapter.start, command, Timeouts.of(config.getoption("hsmspec_timeout")))
        self._examiner = _examiner(config, start, command)
        self._asked_for = config.getoption("hsmspec_adapter") is not None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Add the suite to the session."""
        report = yield
        if isinstance(collector, pytest.Session) and report.passed and self._is_wanted(collector.config):
            suite = Suite.from_parent(collector, name=MARKER, nodeid=MARKER)
            suite.examiner = self._examiner
            report.result.append(suite)
        return report

    def _is_wanted(self, config: pytest.Config) -> bool:
        """Return whether to add the suite: not if only files are named, unless the command line names the adapter."""
        if self._asked_for or config.args_source is not pytest.Config.ArgsSource.ARGS:
            return True
        folder = config.invocation_params.dir
        return any((folder / argument).is_dir() for argument in config.args)


def of_fixture(folder: pytest.Directory) -> Suite:
    """Return the tests of the implementation that the fixture of a folder returns."""
    above = "" if folder.path == folder.config.rootpath else f"{folder.nodeid}/"
    return Suite.from_parent(folder, name=MARKER, nodeid=above + MARKER)


class Suite(pytest.Collector):
    """All requirements that can be judged, by area. Without an examiner the fixture returns the implementation."""

    examiner: Examiner | None = None

    def collect(self) -> Iterator[pytest.Collector]:
        """Yield the areas in catalogue order."""
        _register_markers(self.config)
        deviations = _deviations(self.config)
        for area in AREAS:
            yield Area.from_parent(self, name=area, deviations=deviations)


class Area(pytest.Collector):
    """The requirements of an area, in catalogue order."""

    def __init__(self, *, deviations: Deviations, **given: Any) -> None:
        super().__init__(**given)
        self._entries = {entry.requirement: entry for entry in deviations.deviation}
        self.add_marker(MARKER)
        self.add_marker(f"{MARKER}_{self.name}")

    def collect(self) -> Iterator[pytest.Item]:
        """Yield a test for each requirement that runs judge."""
        suite = self.parent
        for requirement in load_catalogue().values():
            if requirement.area != self.name or not requirement.judged:
                continue
            test: RequirementTest
            if isinstance(suite, Suite) and suite.examiner is not None:
                test = RequirementTest.from_parent(self, name=requirement.id)
                test.examiner = suite.examiner
            else:
                test = FixtureTest.from_parent(self, name=requirement.id, callobj=_wants_the_fixture)
            test.requirement = requirement
            entry = self._entries.get(requirement.id)
            if entry is not None:
                test.add_marker(pytest.mark.xfail(strict=True, raises=KnownDeviation, reason=entry.observed))
            yield test


class RequirementTest(pytest.Item):
    """The test of a requirement."""

    requirement: Requirement
    examiner: Examiner

    def runtest(self) -> None:
        """Judge the requirement. It is skipped if it is not offered, and fails if no case exercises it."""
        _report(self.examiner.examine(self.requirement), _deviations(self.config))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the finding or the message of a `ToolError`; for anything else the traceback."""
        if isinstance(excinfo.value, NonConformance):
            return str(excinfo.value)
        if isinstance(excinfo.value, ToolError) and excinfo.value.__cause__ is None:
            return "\n".join(map(printable, trouble_lines(excinfo.value.trouble())))
        return super().repr_failure(excinfo)

    def reportinfo(self) -> tuple[Path, None, str]:
        """Return the requirement. It has no line."""
        return self.path, None, self.requirement.id


class FixtureTest(RequirementTest, pytest.Function):
    """The test of a requirement on what the fixture returns: a function from line to line, or an object with one."""

    def runtest(self) -> None:
        """Judge the requirement, with one examiner per implementation of the fixture."""
        self.examiner = _examiner_of(self.config, self.funcargs[FIXTURE])
        super().runtest()


def _wants_the_fixture(hsmspec_implementation: object) -> None:
    """Request the fixture: pytest takes this for the test function."""


def _report(examined: Examined, deviations: Deviations) -> None:
    """End the test with the verdict."""
    judgement, findings = examined
    reason = f"{judgement.verdict}: {judgement.statement}" + (f" ({judgement.note})" if judgement.note else "")
    texts = ["\n".join(line.text for line in finding_lines(finding)) for finding in findings]
    message = "\n\n".join(texts) or reason
    match judgement.verdict:
        case Verdict.CONFORMS | Verdict.AGREES:
            return
        case Verdict.KNOWN | Verdict.DIFFERS_KNOWN:
            raise KnownDeviation(reason)
        case Verdict.NOT_OFFERED if judgement.requirement not in deviations.requirements:
            pytest.skip(reason)
        case Verdict.NOT_EXERCISED if not judgement.documented:
            pytest.skip(reason)
        case Verdict.DIFFERS:
            pytest.xfail(f"{reason} (the documentation is silent about it)")
        case Verdict.OUTDATED | Verdict.NOT_EXERCISED | Verdict.NOT_OFFERED:
            raise NonConformance("\n\n".join(dict.fromkeys((reason, message))))
        case _:
            raise NonConformance(message)


# --- what is configured -----------------------------------------------------------------------------------------------

_DEVIATIONS = pytest.StashKey[Deviations]()
_EXAMINERS = pytest.StashKey[list[tuple[object, Examiner]]]()


def _adapter(config: pytest.Config) -> tuple[str, ...]:
    """Return the adapter's command. In an ini file, it is relative to that file."""
    given = config.getoption("hsmspec_adapter")
    text = config.getini("hsmspec_adapter") if given is None else given
    try:
        command = shlex.split(text)
    except ValueError as error:
        raise pytest.UsageError(f"hsmspec: the adapter's command `{text}` cannot be read ({error})") from None
    if not command:
        raise pytest.UsageError("hsmspec: the adapter's command is empty")
    if given is None and "/" in command[0]:
        command[0] = str(_beside_the_ini_file(config, command[0]))
    return tuple(command)


def _deviations(config: pytest.Config) -> Deviations:
    """Return the known deviations, which are read once."""
    if _DEVIATIONS not in config.stash:
        given, path = config.getoption("hsmspec_deviations"), None
        if given:
            path = config.invocation_params.dir / given
        elif config.getini("hsmspec_deviations"):
            path = _beside_the_ini_file(config, config.getini("hsmspec_deviations"))
        try:
            config.stash[_DEVIATIONS] = NONE_KNOWN if path is None else deviations_in(path)
        except InputError as error:
            raise pytest.UsageError(f"hsmspec: {error}") from None
    return config.stash[_DEVIATIONS]


def _beside_the_ini_file(config: pytest.Config, name: str) -> Path:
    return (config.rootpath if config.inipath is None else config.inipath.parent) / name


def _examiner(config: pytest.Config, start: Callable[[], Client], command: tuple[str, ...] = ()) -> Examiner:
    """Return an examiner that ends with the session."""
    seed, cases = cast("int", config.getoption("hsmspec_seed")), cast("int", config.getoption("hsmspec_cases"))
    if seed < 0 or cases < 1:
        raise pytest.UsageError("hsmspec: a seed is not negative, and each requirement has at least one case")
    examiner = Examiner(start, command, _deviations(config), seed, cases)
    config.add_cleanup(examiner.close)
    return examiner


def _examiner_of(config: pytest.Config, implementation: Any) -> Examiner:
    """Return the examiner of an implementation in this process."""
    examiners = config.stash.setdefault(_EXAMINERS, [])
    for known, examiner in examiners:
        if known is implementation:
            return examiner
    answer = getattr(implementation, "answer", implementation)
    if not callable(answer):
        raise InputError(
            f"{FIXTURE} is {type(implementation).__name__}.",
            remedy="It must be a function from a request's line to its answer, or have one named `answer`.",
        )
    examiner = _examiner(config, partial(InProcess, cast("Answer", answer)))
    examiners.append((implementation, examiner))
    return examiner


def _register_markers(config: pytest.Config) -> None:
    registered = config.getini("markers")
    lines = [f"{MARKER}: a requirement of the hsm package."]
    lines += [f"{MARKER}_{area}: a requirement of the area: {load_areas()[area].title}." for area in AREAS]
    for line in lines:
        if line not in registered:
            config.addinivalue_line("markers", line)
