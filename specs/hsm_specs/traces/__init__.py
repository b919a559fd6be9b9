"""Traces: recorded programs with what was observed of them, judged line by line while they are read."""

from hsm_specs.traces.judging.judging import Judging, JudgingOptions
from hsm_specs.traces.judging.result import EXIT_ALLOWED, EXIT_FORBIDDEN, EXIT_UNDECIDED, JudgingResult

__all__ = ["EXIT_ALLOWED", "EXIT_FORBIDDEN", "EXIT_UNDECIDED", "Judging", "JudgingOptions", "JudgingResult"]
