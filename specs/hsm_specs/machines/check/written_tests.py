"""Findings of `hsmspec check`, and ways to states, as a file of tests for pytest.

The steps of a finding are a test that passes as long as the machine moves like that. Each rule that is broken is a test
that fails until it is kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import count

from hsm_specs.machines.check.exploration import Bounds
from hsm_specs.machines.check.following import follow
from hsm_specs.machines.check.rules import RULES, CheckFinding, MachineCheck
from hsm_specs.machines.names import NamedMachine

HEADER = '''"""Written by `hsmspec check --tests`: what was found about machines, and ways to their states.

The tests of rules that are to be kept fail until they are. The others replay steps, and pass as long as the machine
moves like that.
"""

from hsm_specs.machines.check.checking import check
from hsm_specs.machines.check.exploration import Bounds
from hsm_specs.machines.check.following import follow
from hsm_specs.machines.names import find_machine


def replayed(machine, steps):
    """Return the state after each step, and why the last one fails, empty if it does not."""
    taken = list(follow(find_machine(machine), steps))
    return [each.state for each in taken], taken[-1].error


def broken(machine, rule, bounds, reach=""):
    """Return what breaks a rule."""
    return [finding.what for finding in check(find_machine(machine), bounds, reach)[1] if finding.rule == rule]
'''


class CheckTests:
    """The tests of one file, each with a name of its own."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._names: set[str] = set()
        self._parts = [HEADER]

    def add(self, machine: NamedMachine, checked: MachineCheck, found: Sequence[CheckFinding], reach: str) -> None:
        """Add the tests of a checked machine."""
        name = machine.description.name
        for finding in found:
            if finding.steps:
                shown = self._named(f"{name} {finding.rule} is shown")
                self._parts.append("\n".join(_replay(shown, finding.what, machine, finding.steps)))
        for rule in dict.fromkeys(finding.rule for finding in found):
            kept = self._named(f"{name} keeps {rule}")
            self._parts.append("\n".join(self._rule(kept, rule, machine, reach)))
        if checked.path is not None:
            name = self._named(f"{name} reaches {checked.reached}")
            said = f"The shortest way to {checked.reached}."
            self._parts.append("\n".join(_replay(name, said, machine, checked.path)))

    def text(self) -> str:
        """Return the file."""
        return "\n\n".join(self._parts)

    def _rule(self, name: str, rule: str, machine: NamedMachine, reach: str) -> Iterator[str]:
        """Yield the lines of a test that fails until a rule is kept."""
        asked = f", {reach!r}" if rule == "reach" else ""
        yield f"def test_{name}():"
        yield f"    {_docstring(RULES[rule])}"
        yield f"    bounds = Bounds({self._bounds.configurations}, {self._bounds.steps})"
        yield f"    assert broken({machine.name!r}, {rule!r}, bounds{asked}) == []"
        yield ""

    def _named(self, words: str) -> str:
        name = re.sub(r"\W+", "_", words).strip("_").lower()
        names = (name if number == 1 else f"{name}_{number}" for number in count(1))
        found = next(each for each in names if each not in self._names)
        self._names.add(found)
        return found


def _replay(name: str, said: str, machine: NamedMachine, steps: Sequence[str]) -> Iterator[str]:
    """Yield the lines of a test that takes steps."""
    taken = list(follow(machine, steps))
    yield f"def test_{name}():"
    yield f"    {_docstring(said)}"
    yield "    steps = ["
    yield from (f"        {step!r}," for step in steps)
    yield "    ]"
    yield f"    states = {[each.state for each in taken]!r}"
    yield f"    assert replayed({machine.name!r}, steps) == (states, {taken[-1].error!r})"
    yield ""


def _docstring(text: str) -> str:
    """Return a text as a literal in one line, whatever is in it."""
    return repr(text) if "\\" in repr(text) or '"' in text else f'"""{text}"""'
