"""Annotations as SARIF 2.1.0, the exchange format of static analysis, for code scanning and editors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal
from urllib.parse import quote

import msgspec
from msgspec import Struct

from hsm_specs.catalogue.requirements import load_catalogue
from hsm_specs.files import write_atomically
from hsm_specs.installed import installed_version
from hsm_specs.machines.check.rules import RULES
from hsm_specs.printable import printable_lines
from hsm_specs.report.annotations import TOOL, Annotation, AnnotationReporter, Level, conclusion
from hsm_specs.report.summary import Summary
from hsm_specs.traces.format.remarks import OTHER_RULE, STATEMENTS

SCHEMA: Final = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS: Final[dict[Level, Literal["error", "warning", "note"]]] = {
    "error": "error",
    "warning": "warning",
    "notice": "note",
}


class Message(Struct, frozen=True):
    """A text without markup."""

    text: str


class Rule(Struct, frozen=True, rename="camel"):
    """A requirement, or a rule about machines."""

    id: str
    short_description: Message


class Found(Struct, frozen=True, rename="camel", omit_defaults=True):
    """A result."""

    rule_id: str
    rule_index: int | None
    level: str
    message: Message
    locations: tuple[Mapping[str, Any], ...] = ()


class SarifReporter(AnnotationReporter):
    """Write the file at the end."""

    def __init__(self, path: Path, environment: Mapping[str, str]) -> None:
        super().__init__(environment)
        self._target = path

    def report(self, summary: Summary) -> None:
        """Write the annotations."""
        write_atomically(self._target, encode(summary, self.annotations(summary)))


def encode(summary: Summary, annotations: Iterable[Annotation]) -> bytes:
    """Return the content of the file. What is about no requirement and no rule is a notification of the tool."""
    found: list[Annotation] = []
    notifications = list(conclusion(summary))
    for annotation in annotations:
        (notifications if annotation.title == TOOL else found).append(annotation)
    rules = {title: index for index, title in enumerate(dict.fromkeys(annotation.title for annotation in found))}
    results = [
        Found(
            rule_id=annotation.title,
            rule_index=rules[annotation.title],
            level=_LEVELS[annotation.level],
            message=Message(printable_lines(annotation.message)),
            locations=_locations(annotation),
        )
        for annotation in found
    ]
    driver = {"name": TOOL, "version": installed_version(), "rules": [_rule(title) for title in rules]}
    invocation = {
        "executionSuccessful": not summary.partial,
        "exitCode": summary.exit_code,
        "toolExecutionNotifications": [_notification(annotation) for annotation in notifications],
    }
    run = {"tool": {"driver": driver}, "invocations": [invocation], "results": results}
    log = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return msgspec.json.format(msgspec.json.encode(log)) + b"\n"


def _rule(title: str) -> Rule:
    requirement = load_catalogue().get(title)
    statements = {**STATEMENTS, **RULES}
    statement = statements.get(title, OTHER_RULE) if requirement is None else requirement.statement
    return Rule(title, Message(statement))


def _notification(annotation: Annotation) -> dict[str, Any]:
    message = Message(printable_lines(annotation.message))
    return {"level": _LEVELS[annotation.level], "message": message, "locations": _locations(annotation)}


def _locations(annotation: Annotation) -> tuple[Mapping[str, Any], ...]:
    """Return the place of an annotation. The paths of files below the repository's root are relative to it."""
    if not annotation.file:
        return ()
    path = quote(annotation.file)
    place: dict[str, Any] = {"artifactLocation": {"uri": f"file://{path}" if path.startswith("/") else path}}
    if annotation.line:
        place["region"] = {"startLine": annotation.line}
    return ({"physicalLocation": place},)
