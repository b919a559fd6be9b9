"""Mutants: implementations that are wrong on purpose, and the suite's results for them."""

from hsm_specs.mutants.manifest import Mutant, load_manifest
from hsm_specs.mutants.report import Report, report_lines
from hsm_specs.mutants.scoring import Score, score, scores

__all__ = ["Mutant", "Report", "Score", "load_manifest", "report_lines", "score", "scores"]
