"""The consumers of the engine's events: words for programs, terminal, plain lines, JSON."""
