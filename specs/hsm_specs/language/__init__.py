"""The language of programs: operations, observations, and the messages that carry them."""
