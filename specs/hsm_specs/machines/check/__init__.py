"""Checking machines: all that can happen to one with its data, on the model of the framework."""
