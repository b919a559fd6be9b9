"""The catalogue of requirements, and the documentation and symbols that it is made from."""
