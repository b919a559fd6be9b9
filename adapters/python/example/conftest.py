"""Brings the implementation that is to be judged."""

import pytest

from plain_hsm import adapter


@pytest.fixture(scope="session")
def hsmspec_implementation():
    """Return the implementation: a function from a request line to an answer line, or an object whose ``answer`` is
    one.
    """
    return adapter.answer
