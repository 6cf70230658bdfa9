"""One small installation for the tests that kill its processes."""

import pytest

from tests.installation import installed


@pytest.fixture(scope="module")
def installation():
    """Make an installation with small demo towns."""
    with installed() as made:
        yield made
