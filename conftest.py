"""One throw-away PostgreSQL per test session; every test works under the application's role."""

pytest_plugins = ["gongzhi.kernel.testing"]


def pytest_configure(config):
    """Make the translations ready; the compiled ones are not kept in the repository."""
    from gongzhi.config.cli import compile_translations

    compile_translations()
