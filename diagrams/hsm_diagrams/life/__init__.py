"""Diagrams of the life of a node."""
