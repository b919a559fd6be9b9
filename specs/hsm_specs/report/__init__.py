"""Reports of runs, soaks and judged traces: on a terminal, in plain lines, and as JSON, JUnit XML, GitHub and HTML."""
