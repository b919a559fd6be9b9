"""Attribution: which requirement a difference breaks, and which rules of the model predicted what was expected."""

from hsm_specs.attribution.reliance import foundations
from hsm_specs.attribution.rules import rules_behind
from hsm_specs.attribution.suspects import attribute, suspects
from hsm_specs.attribution.trace import Rule

__all__ = ["Rule", "attribute", "foundations", "rules_behind", "suspects"]
