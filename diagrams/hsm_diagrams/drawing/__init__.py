"""Drawings: shapes and arrows, and the formats that they are rendered to."""
