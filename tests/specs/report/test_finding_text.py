"""The text of a finding, word for word."""

from __future__ import annotations

from msgspec.structs import replace

from hsm_specs.catalogue.requirements import requirement
from hsm_specs.language.observations import Observation
from hsm_specs.report.rendering import finding_lines

GOLDEN = """\
MT-ROLLBACK-5  Children that the function added, anywhere in the tree, are gone
               after a failed transition.
  MachineTransition, sentence {sentence}: {link}
  predicted by the model's rule transition_rolled_back
  12 programs fail like this; the smallest of them:

    1  r0 = NewRegistry()
    2  r0.RegisterMachine(type 1)
    3  r0.RegisterMachine(type 2)
    4  n1 = NewRoot(r0, type 1, state 0)
    5  n1.TransitionCount()  -> 0
    6  MachineTransition(n1, func() {{
           n1.AddChild(2/"inside", state 0)
           return user_1
       }})
        the tree before it:
          root: state 0, count 0  = n1
>   7  n1.Child([2/"inside"])
        expected: ErrStateMachineNotFound
        observed: success

  hsmspec replay 'my findings/MT-ROLLBACK-5.json'"""


def text(finding, path=""):
    return "\n".join(line.text for line in finding_lines(finding, path))


def test_a_finding(finding):
    source = requirement("MT-ROLLBACK-5").source
    golden = GOLDEN.format(sentence=source.sentence, link=source.link)
    assert golden == text(finding, "my findings/MT-ROLLBACK-5.json")


def test_the_difference_inside_of_a_function_is_shown_at_its_line(finding):
    observed = list(finding.observed)
    observed[5] = Observation(error="user_1", inner=(Observation(error="not_registered"),))
    shown = text(replace(finding, where=(5, 0), observed=tuple(observed)))
    assert (
        """\
    6  MachineTransition(n1, func() {
>          n1.AddChild(2/"inside", state 0)
            expected: success
            observed: ErrNotRegistered
           return user_1
       })"""
        in shown
    )
    assert "n1.Child" not in shown


def test_a_function_that_was_not_called_is_said_to_be(finding):
    observed = list(finding.observed)
    observed[5] = Observation(error="user_1")
    shown = text(replace(finding, where=(5,), observed=tuple(observed)))
    assert (
        """\
>   6  MachineTransition(n1, func() {
           n1.AddChild(2/"inside", state 0)
           return user_1
       })
        expected: the function's error user_1, with 1 answer inside: success
        observed: the function's error user_1, with a function that was not
                  called or did nothing"""
        in shown
    )


def test_remarks(finding):
    remarked = replace(finding, documented=False, amendments=("add-child-dirties",), note="Strange.", shrunk=False)
    shown = text(remarked)
    assert "The documentation is silent here: this is reported and is no failure." in shown
    assert "one of them:" in shown
    assert "Held to the specification as amended by the known deviations." in shown
    assert "Strange." in shown


def test_the_lines_but_links_fit_eighty_columns(finding):
    assert all(len(line.text) <= 80 for line in finding_lines(finding) if "https://" not in line.text)
