"""Diagrams of explored states."""
