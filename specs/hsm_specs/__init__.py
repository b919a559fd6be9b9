"""Conformance to the `hsm` documentation: requirements, operations, generators, oracle, engine and command line."""
