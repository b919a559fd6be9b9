"""Diagrams of findings."""
