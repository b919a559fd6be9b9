"""The commands that draw: ``hsmspec diagram`` and ``hsmspec book``."""
