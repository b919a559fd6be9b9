"""The doctor: checks of an adapter and its environment, with a remedy for each fault."""

from hsm_specs.doctor.adapter_checks import adapter_checks
from hsm_specs.doctor.check import Check, exit_code
from hsm_specs.doctor.environment import environment_checks

__all__ = ["Check", "adapter_checks", "environment_checks", "exit_code"]
