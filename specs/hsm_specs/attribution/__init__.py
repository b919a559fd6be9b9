"""Attribution: which requirement a difference breaks, and which rules of the model predicted what was expected."""

from hsm_specs.attribution.candidates import attribute, candidate_requirements
from hsm_specs.attribution.requirement_dependencies import foundations
from hsm_specs.attribution.trace import Rule, rules_behind

__all__ = ["Rule", "attribute", "candidate_requirements", "foundations", "rules_behind"]
