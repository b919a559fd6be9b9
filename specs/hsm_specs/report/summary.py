"""The outcome of a run, a soak, judged traces or a mutant score, in the form that all reporters share."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from hsm_specs.errors import Trouble
from hsm_specs.language.messages import Greeting
from hsm_specs.printable import printable
from hsm_specs.report import sentences
from hsm_specs.report.rendering import Style, Styled, finding_lines
from hsm_specs.results.events import FindingLocated, FindingReplayed, Side, SummaryKind
from hsm_specs.results.findings import Finding
from hsm_specs.results.verdicts import Judgement, Verdict
from hsm_specs.traces.format.remarks import MachineRule, Remark

_STYLES: dict[int, Style] = {0: "good", 1: "bad"}


class Found(Struct, frozen=True):
    """A finding with its ID and the file that it was saved to, empty if it was not saved.

    ``located`` is its comparison with the reference, null if there is no reference.
    """

    id: str
    file: str
    finding: Finding
    located: FindingLocated | None = None


class Summary(Struct, frozen=True, kw_only=True):
    """The outcome of a command that ends with a verdict.

    ``sentences`` say it in words, the verdict first; ``amount`` says how much was run. ``seed`` is None where there is
    none, as for traces. ``programs`` counts programs, traces or mutants. ``facts`` are names and values that say how
    the command was run. ``machine`` and ``remarks`` are about the machines of a recorded program, or the checked ones,
    which ``subject`` names. The other members are
    those of a run's result.
    """

    kind: SummaryKind
    exit_code: int
    sentences: tuple[str, ...]
    amount: tuple[str, ...] = ()
    partial: str = ""
    problems: tuple[str, ...] = ()
    trouble: Trouble | None = None
    implementation: Greeting | None = None
    seed: int | None = None
    budget: str = ""
    programs: int = 0
    operations: int = 0
    seconds: float = 0.0
    requirements: tuple[Judgement, ...] = ()
    findings: tuple[Found, ...] = ()
    replayed: tuple[FindingReplayed, ...] = ()
    sides: dict[Side, int] = {}
    primary: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    machine: tuple[MachineRule, ...] = ()
    remarks: tuple[Remark, ...] = ()
    fails_on_remarks: bool = False
    subject: str = ""

    @property
    def name(self) -> str:
        """The name and version of the implementation, or the checked machines."""
        if self.subject:
            return self.subject
        return sentences.name(self.implementation)

    @property
    def conclusion(self) -> str:
        """The verdict as a predicate of the name."""
        if self.kind == "check":
            return "broke rules" if self.exit_code else "broke no rule"
        conforms = "passed the soak" if self.kind == "soak" else "conforms"
        return {0: conforms, 1: "does not conform"}.get(self.exit_code, "could not be judged")

    @property
    def shown(self) -> tuple[Judgement, ...]:
        """The verdicts to show. A partial run leaves out requirements that it did not reach."""
        unseen = {Verdict.NOT_EXERCISED, Verdict.NOT_OFFERED, Verdict.OWED} if self.partial else set[Verdict]()
        return tuple(judgement for judgement in self.requirements if judgement.verdict not in unseen)

    def closing(self) -> Iterator[Styled]:
        """Yield the sentences, the first one in the style of the verdict."""
        style = _STYLES.get(self.exit_code, "undecided")
        for number, sentence in enumerate(self.sentences):
            yield Styled(sentence, style if number == 0 else "")


def finding_text(found: Found) -> str:
    """Return a finding and its comparison with the reference as one text."""
    lines = [line.text for line in finding_lines(found.finding, found.file)]
    if found.located is not None:
        lines += ["", printable(sentences.located(found.located))]
    return "\n".join(lines)


def trouble_lines(trouble: Trouble | None) -> Iterator[str]:
    """Yield the message of an error and the last lines of the adapter's stderr."""
    if trouble is not None:
        yield trouble.message
        for line in trouble.stderr:
            yield f"stderr: {line}"
