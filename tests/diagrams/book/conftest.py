"""The run that pages are written of: that of the tests of the HTML report."""

from ...specs.report.html.conftest import inside, run, stays

__all__ = ["inside", "run", "stays"]
