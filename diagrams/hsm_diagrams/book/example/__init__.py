"""The example of the book, whose pages show this code and run it: a payment that charges a card."""
