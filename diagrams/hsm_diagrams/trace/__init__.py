"""Diagrams of recorded traces."""
