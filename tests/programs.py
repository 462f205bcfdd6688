"""Programs of the system that some tests cannot do without."""

import os

import pytest
from system_packages import Wanted


def program(wanted: Wanted) -> str:
    """Return the path of a program; where it is missing its tests say how to get it, and fail under CI=true."""
    found = wanted.find()
    if found is not None:
        return found
    if os.environ.get("CI") == "true":
        pytest.fail(wanted.how)
    pytest.skip(wanted.how)
