"""The ledger of a session: tallies, findings with their counts, and the verdicts that follow from them."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from hsm_specs.catalogue.requirements import DEBTORS, Requirement, load_catalogue
from hsm_specs.oracle.comparison import Difference
from hsm_specs.oracle.deviations import Deviations
from hsm_specs.properties import PROPERTIES
from hsm_specs.results.failures import Failure, Signature, shape
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import EXERCISED, SPECIFIED, Judgement, Tally, Verdict, verdict

INVESTIGATED = 24
"""Failures that are shrunk in one session; one that looks like them or comes later is only counted."""
ALIKE = 4
"""Failures with the same signature that are shrunk nevertheless, since they may have different causes."""
LATE = "the time was over before its cases were run"
SHOWN = 3
"""Findings of one requirement that are distinguished."""


class Ledger:
    """The results for each requirement so far."""

    def __init__(self, deviations: Deviations, *, strict: bool = False) -> None:
        self.programs = self.operations = self.uninvestigated = self.withheld = 0
        self.tallies: dict[str, Tally] = {}
        self.findings: dict[str, Finding] = {}
        self.counts: dict[str, int] = {}
        self.unreached: set[str] = set()
        """The requirements whose cases were left out since the time was over."""
        self.readings: frozenset[str] = frozenset()
        """The readings that the implementation follows instead of the specification's."""
        self._deviations = deviations
        self._strict = strict
        self._shapes: dict[tuple[str, ...], str] = {}
        self._alike: dict[Signature, list[str]] = {}
        self._linked: dict[str, list[str]] = {}
        self._investigated = 0

    @property
    def broken(self) -> set[str]:
        """The requirements whose own evidence failed."""
        return {requirement for requirement, tally in self.tallies.items() if tally.deviating}

    def tally(self, requirement: str) -> Tally:
        """Return the tally of a requirement."""
        return self.tallies.setdefault(requirement, Tally())

    def worth_investigating(self, failure: Failure) -> bool:
        """Return whether a failure may be something that no finding shows yet."""
        if self._investigated >= INVESTIGATED:
            return False
        return bool(failure.requirement) or len(self._alike.get(failure.signature, ())) < ALIKE

    def add(self, failure: Failure, finding: Finding, difference: Difference) -> bool:
        """Enter the finding that a failure led to. Return whether it is a new one."""
        self._investigated += 1
        key = (finding.requirement, str(finding.outdated), *shape(finding.program, difference))
        known = self._shapes.setdefault(key, self._overflow(finding))
        self._alike.setdefault(failure.signature, []).append(known)
        self._count(failure, known)
        if known in self.findings:
            return False
        self.findings[known] = finding
        return True

    def add_uninvestigated(self, failure: Failure) -> None:
        """Count a failure for the finding that it looks like."""
        alike = self._alike.get(failure.signature)
        if alike:
            self._count(failure, alike[0])
        else:
            self.uninvestigated += failure.count

    def _overflow(self, finding: Finding) -> str:
        """Return the finding itself, or the first one of its requirement if that has `SHOWN` already."""
        kind = (finding.requirement, finding.outdated)
        own = [id for id, other in self.findings.items() if (other.requirement, other.outdated) == kind]
        return finding.id if len(own) < SHOWN else own[0]

    def _count(self, failure: Failure, finding: str) -> None:
        self.counts[finding] = self.counts.get(finding, 0) + failure.count
        if failure.requirement:
            self._linked.setdefault(failure.requirement, []).append(finding)

    # --- verdicts ---------------------------------------------------------------------------------------------------

    def judgements(self, requirements: tuple[Requirement, ...], offered: frozenset[str]) -> Iterator[Judgement]:
        """Yield the verdicts on requirements and on others that findings name, in the catalogue's order."""
        catalogue = load_catalogue()
        wanted = {requirement.id for requirement in requirements}
        wanted |= {finding.requirement for finding in self.findings.values()}
        judged = {name: self._judgement(entry, offered) for name, entry in catalogue.items() if name in wanted}
        for name, judgement in judged.items():
            shown = [judged[other] for other in catalogue[name].shown_by if other in judged]
            yield _obligation(judgement, [other for other in shown if other.verdict in EXERCISED])

    def _judgement(self, requirement: Requirement, offered: frozenset[str]) -> Judgement:
        tally = self.tally(requirement.id)
        found = {id: finding for id, finding in self.findings.items() if finding.requirement == requirement.id}
        own = [id for id, finding in found.items() if not finding.outdated]
        tally.passed = max(tally.passed, sum(self.counts[id] for id, finding in found.items() if finding.outdated))
        linked = [id for id in dict.fromkeys(self._linked.get(requirement.id, ())) if id not in found]
        documented = requirement.classification == "documented"
        present = offered.issuperset(requirement.capabilities)
        entry = requirement.id in self._deviations.requirements
        if own and not tally.deviating:
            # A failure that looked like another of its shard was counted with that one.
            tally.deviating = max(1, sum(self.counts[id] for id in own))
        said = verdict(tally, documented=documented, offered=present, expected_to_deviate=entry)
        if requirement.owed_by is not None:
            said = Verdict.OWED
        if not documented and self._changed(requirement.id, said):
            said = Verdict.CHANGED
        return Judgement(
            requirement=requirement.id,
            area=requirement.area,
            statement=requirement.statement,
            documented=documented,
            verdict=said,
            cases=tally.exercised + tally.known + tally.deviating,
            note=LATE if self._is_late(said, requirement) else self._note(said, requirement, tally, entry, linked),
            findings=(*found, *linked),
            classification=requirement.classification,
            owed_by=requirement.owed_by,
            judges=requirement.judges,
            reading=self._reading(requirement),
            strict=self._strict,
        )

    def _changed(self, requirement: str, said: Verdict) -> bool:
        """Return whether a verdict on a characterization is another than the file of the implementation has pinned."""
        pinned = self._deviations.pinned
        if pinned is None:
            return False
        differs = requirement in pinned.requirements and requirement not in pinned.agrees
        if said is Verdict.NOT_OFFERED:
            return requirement in pinned.requirements
        return said is Verdict.DIFFERS or (differs and said is Verdict.OUTDATED)

    def _reading(self, requirement: Requirement) -> str:
        """Return the reading of a requirement that the implementation follows, empty if there is only one."""
        followed = (name for name in requirement.readings if name in self.readings)
        return next(followed, SPECIFIED) if requirement.readings else ""

    def _note(self, said: Verdict, requirement: Requirement, tally: Tally, entry: bool, linked: list[str]) -> str:
        reading = self._reading(requirement)
        if said is Verdict.CONFORMS and reading not in ("", SPECIFIED):
            return f"by the reading {reading}"
        return _why(said, requirement, tally, entry, linked)

    def _is_late(self, said: Verdict, requirement: Requirement) -> bool:
        return said is Verdict.NOT_EXERCISED and requirement.id in self.unreached


def _obligation(judgement: Judgement, shown: list[Judgement]) -> Judgement:
    """Return the judgement on an obligation of which the requirements that show it were judged; it fails no run."""
    if not shown:
        return judgement
    verdicts = {other.verdict for other in shown}
    said = next((each for each in (Verdict.DEVIATES, Verdict.KNOWN) if each in verdicts), Verdict.CONFORMS)
    names, cases = ", ".join(other.requirement for other in shown), sum(other.cases for other in shown)
    return replace(judgement, verdict=said, cases=cases, note=f"shown by {names}")


def _why(said: Verdict, requirement: Requirement, tally: Tally, entry: bool, linked: list[str]) -> str:
    """Return why the verdict is what it is, where that needs an explanation."""
    match said:
        case Verdict.CHANGED if not tally.deviating and tally.exercised:
            return "it agrees, and its file has pinned that it differs"
        case Verdict.CHANGED if not tally.deviating:
            return "its file has pinned what it does, and it is no longer offered"
        case Verdict.CHANGED if entry:
            return "it differs in another way than its file has pinned"
        case Verdict.CHANGED:
            return "it differs, and its file has not pinned that"
        case Verdict.OWED if requirement.owed_by is not None:
            exercised = ", ".join(requirement.shown_by) or "nothing in a run"
            return f"owed by {DEBTORS[requirement.owed_by]}; {exercised} would show it"
        case Verdict.NOT_OFFERED if entry:
            return "its known deviation cannot show"
        case Verdict.NOT_OFFERED:
            return f"needs {', '.join(requirement.capabilities)}"
        case Verdict.OUTDATED if tally.known:
            return f"{tally.passed} of {tally.known + tally.passed} cases do not deviate as the known deviation says"
        case Verdict.OUTDATED:
            return f"none of {tally.exercised} cases deviates as the known deviation says"
        case Verdict.NOT_EXERCISED if tally.masked:
            return f"in each of {tally.masked} cases something else deviated before"
        case Verdict.NOT_EXERCISED if requirement.id not in PROPERTIES:
            return "there is no property for it"
        case Verdict.NOT_EXERCISED:
            return "no case of it was answered"
        case Verdict.DEVIATES | Verdict.DIFFERS if linked:
            return "seen in " + ", ".join(linked)
        case _:
            return ""
