"""``python -m plain_mutants NAME``: serves a mutant. ``--manifest``: lists all as JSON, those of the framework last."""

import json
import sys
from difflib import get_close_matches
from pathlib import Path

from plain_hsm.adapter import main
from plain_mutants import MUTANTS
from plain_mutants.framework.served import SERVED

EVERY = {**MUTANTS, **SERVED}
"""The mutants of trees, then those of the framework, by name."""


def manifest() -> str:
    """Return the mutants as a JSON list, with the command that serves each, from any folder."""
    command = ["env", f"PYTHONPATH={Path(__file__).resolve().parents[1]}", sys.executable, "-m", "plain_mutants"]
    entries = [
        {
            "name": mutant.name,
            "requirement": mutant.requirement,
            "sentence": mutant.sentence,
            "command": [*command, mutant.name],
            "operations": mutant.operations,
        }
        for mutant in EVERY.values()
    ]
    return json.dumps(entries, indent=1)


def run(arguments: list[str]) -> str | None:
    """Run what the arguments say. Return what is wrong with them, if anything is."""
    match arguments:
        case ["--manifest"]:
            print(manifest())
        case [name] if name in EVERY:
            main(EVERY[name].world)
        case [name]:
            return f"There is no mutant {name}. Near it: {', '.join(get_close_matches(name, EVERY)) or 'none'}."
        case _:
            return "usage: python -m plain_mutants NAME | --manifest"
    return None


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:]))
