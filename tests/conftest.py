import os

import pytest
from hypothesis import HealthCheck, settings

from grader.engine import Grader
from grader.weights import Weights
from tests.fakes import TINY, FakeEncoder, FakeVerifier

# `fast` is for every run; `HYPOTHESIS_PROFILE=ci` looks harder. Both are derandomised: a red run can be run again.
COMMON = {"deadline": None, "derandomize": True, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("fast", max_examples=40, **COMMON)
settings.register_profile("ci", max_examples=400, **COMMON)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))


@pytest.fixture(scope="session")
def fake():
    """A grader whose models are fakes; it has no state that one test could leave to another."""
    return Grader(TINY, FakeEncoder(), FakeVerifier())


@pytest.fixture(scope="session")
def weights():
    """The shipped models' files."""
    return Weights()


@pytest.fixture(scope="session")
def models():
    """The grader as shipped: real models, real bank."""
    return Grader.load()


def pytest_collection_modifyitems(items):
    """The browser's tests come last: Playwright keeps an event loop running that others could not start beside."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
