"""Diagrams of differences."""
