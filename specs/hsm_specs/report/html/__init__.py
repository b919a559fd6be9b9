"""Reports as pages for a browser. They need the extra ``diagrams``."""

from hsm_specs.report.html.page import HtmlReporter

__all__ = ["HtmlReporter"]
