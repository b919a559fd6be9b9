"""Diagrams of runs."""
