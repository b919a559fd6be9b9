"""Pages for browsers: the report on a run in one file, and the specification as a book."""
