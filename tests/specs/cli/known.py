"""A list of known deviations, as tests of commands give it."""

from __future__ import annotations

KNOWN = """
[[deviation]]
requirement = "DIRTY-TREE-3"
observed = "It dirties."
reason = "So."
amendment = "add-child-dirties"
"""
