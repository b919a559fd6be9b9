"""A test of the project's own, next to those of the requirements."""

from plain_hsm.machine import Registry


def test_registries_share_nothing():
    first, second = Registry(), Registry()
    assert first.machines is not second.machines
