"""Settings of the tests: the product's own, with the database that the test session starts."""

import os
import tempfile
from pathlib import Path
from typing import Any

from gongzhi.config.settings.base import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
FIELD_KEY = "q3yMQ9sWm8t0c0Jx1v7dQyq3c2h3a1Kq9mJ0m8k5b2Q="
ALLOWED_HOSTS = ["*"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
LEDGER_KEYS = Path(tempfile.gettempdir()) / f"gongzhi-test-keys-{os.getpid()}"
ARCHIVE = Path(tempfile.gettempdir()) / f"gongzhi-test-archive-{os.getpid()}"
REPORTS_A_MINUTE = CLIENT_REPORTS_A_MINUTE = 10_000  # all tests call from one address
OUTBOUND_ALLOWED = ["127.0.0.0/8", "::1"]  # brokers, gateways and providers of the tests
SPARK = ""
OWNER_CONNINFO: dict[str, Any] = {}  # where the session's database is, as its owner; told when it has started
