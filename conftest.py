"""One throw-away PostgreSQL per test session; every test works under the application's role."""

pytest_plugins = ["gongzhi.kernel.testing"]


def pytest_configure(config):
    """Make the translations ready; the compiled ones are not kept in the repository."""
    from gongzhi.config.cli import compile_translations

    compile_translations()


# Files of few tests that take minutes each: begun first, so that no process works alone on them at the end.
LONGEST = ("tests/walk/", "tests/test_api_contract.py", "tests/journeys/", "tests/faults/", "tests/servers/")


def pytest_collection_modifyitems(items):
    """Put the longest files first; xdist would put those with most tests first (`--no-loadscope-reorder` keeps it from that)."""
    items.sort(key=lambda item: next((rank for rank, begin in enumerate(LONGEST) if item.nodeid.startswith(begin)), len(LONGEST)))
