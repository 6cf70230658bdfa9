"""Makes the demo towns, once."""


def load(arguments: list[str]) -> int:
    """Load both towns if the installation has none; return the exit code."""
    return 0
