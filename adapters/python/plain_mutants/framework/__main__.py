"""``python -m plain_mutants.framework NAME``: serves a mutant. ``--manifest``: lists them all as JSON."""

import json
import sys
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from plain_hsm.adapter import main
from plain_mutants.framework import FRAMEWORK_MUTANTS

OFFERED = (
    *("ENV-READ-1", "ENV-READ-3", "ENV-READ-4", "ENV-WRITE", "ENV-ERROR", "ENV-PANIC", "ENV-LOCK"),
    *("REF-ACCESS", "REF-COUNT", "REF-VERSION", "REF-MISSING", "REF-CALLED", "REF-RELOAD", "REF-LOADED"),
    *(
        "COMMIT-ATOMIC",
        "COMMIT-SERIALIZER",
        "COMMIT-CLEAR",
        "COMMIT-ERROR",
        "COMMIT-REF",
        "COMMIT-QUEUE",
        "COMMIT-SUPERSEDED",
    ),
    "COMMIT-OWNER-1",
)
"""The requirements, or the beginnings of their IDs, that the adapter offers what is needed for."""
BEYOND = {
    "task-reads-are-writes": "It is wrong only for the tasks of a queue.",
    "concurrent-tasks-have-a-count": "The palette has no concurrent tasks.",
    "concurrent-tasks-are-superseded": "The palette has no concurrent tasks.",
    "ids-are-used-again": "The IDs of tasks are not observed.",
    "version-of-the-namespace-is-compared": "It needs a failover.",
    "version-of-the-last-update-is-compared": "It needs a failover.",
    "tasks-refer-to-the-last-update": "It needs a failover.",
    "older-versions-are-followed": "It needs a failover.",
}
"""Mutants that the adapter cannot show to be wrong, and why."""


def entries() -> list[dict[str, Any]]:
    """Return the entries of the manifest, with the command that serves each mutant, from any folder."""
    command = [
        "env",
        f"PYTHONPATH={Path(__file__).resolve().parents[2]}",
        sys.executable,
        "-m",
        "plain_mutants.framework",
    ]
    return [
        {
            "name": mutant.name,
            "requirement": mutant.requirement,
            "sentence": mutant.sentence,
            "command": [*command, mutant.name],
        }
        for mutant in FRAMEWORK_MUTANTS.values()
        if mutant.requirement.startswith(OFFERED) and mutant.name not in BEYOND
    ]


def manifest() -> str:
    """Return the mutants as a JSON list."""
    return json.dumps(entries(), indent=1)


def run(arguments: list[str]) -> str | None:
    """Run what the arguments say. Return what is wrong with them, if anything is."""
    match arguments:
        case ["--manifest"]:
            print(manifest())
        case [name] if name in FRAMEWORK_MUTANTS:
            main(FRAMEWORK_MUTANTS[name].world)
        case [name]:
            near = ", ".join(get_close_matches(name, FRAMEWORK_MUTANTS)) or "none"
            return f"There is no mutant {name}. Near it: {near}."
        case _:
            return "usage: python -m plain_mutants.framework NAME | --manifest"
    return None


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
