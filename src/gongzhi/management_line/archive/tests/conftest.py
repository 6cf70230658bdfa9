"""A folder of its own for each test's archive."""

import pytest


@pytest.fixture(autouse=True)
def archive_folder(settings, tmp_path):
    """Return the folder in which this test's files lie."""
    settings.ARCHIVE = tmp_path / "archive"
    settings.SPARK = ""
    return settings.ARCHIVE
