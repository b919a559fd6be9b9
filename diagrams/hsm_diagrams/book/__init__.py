"""The specification as a book: pages for a browser, with every requirement."""
