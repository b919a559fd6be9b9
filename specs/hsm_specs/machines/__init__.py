"""Machines by name, and machines in files."""
