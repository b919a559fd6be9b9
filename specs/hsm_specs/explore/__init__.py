"""Exploration of the model to a bounded scope, and tours of what was explored."""
