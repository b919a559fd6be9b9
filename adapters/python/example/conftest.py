"""Brings the implementation that is to be judged."""

import pytest

from plain_hsm import adapter


@pytest.fixture(scope="session")
def hsmspec_implementation():
    """What answers a line of the protocol with a line: a function, or anything that has one named ``answer``."""
    return adapter.answer
