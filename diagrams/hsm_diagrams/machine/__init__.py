"""Diagrams of machines."""
