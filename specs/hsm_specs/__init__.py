"""What conformance to the `hsm` documentation means: requirements, operations, generators, judge, engine, CLI."""
