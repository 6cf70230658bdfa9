"""One throw-away PostgreSQL per test session; every test works under the application's role."""

pytest_plugins = ["gongzhi.kernel.testing"]
