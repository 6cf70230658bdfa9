"""The one reader of the environment. Settings name what they need; nothing else reads os.environ."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


class BadSetting(SystemExit):
    """A setting that cannot be used; the message names it."""


def text(name: str, default: str = "") -> str:
    """Return the environment variable, or the default."""
    return os.environ.get(name, default)


def flag(name: str, default: bool = False) -> bool:
    """Return the environment variable as a truth value (1, true, yes, on)."""
    value = os.environ.get(name)
    return default if value is None else value.strip().lower() in {"1", "true", "yes", "on"}


def number(name: str, default: int) -> int:
    """Return the environment variable as a whole number."""
    value = os.environ.get(name)
    if value is None or value == "":
        return default
    try:
        return int(value)
    except ValueError:
        raise BadSetting(f"{name} must be a whole number, not {value!r}") from None


def names(name: str, default: str = "") -> list[str]:
    """Return the environment variable as a list, split at commas."""
    return [part.strip() for part in os.environ.get(name, default).split(",") if part.strip()]


def path(name: str, default: Path) -> Path:
    """Return the environment variable as a path."""
    return Path(os.environ.get(name) or default)


def database(url: str, *, role: str = "", pool: dict[str, Any] | bool = False) -> dict[str, Any]:
    """Return Django's settings for a postgresql:// address; with `role`, every session takes that role."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise BadSetting(f"DATABASE_URL must begin with postgresql://, not {parts.scheme or url!r}")
    query = dict(parse_qsl(parts.query))
    options: dict[str, Any] = {}
    if role:
        options["options"] = f"-c role={role}"
    if "sslmode" in query:
        options["sslmode"] = query["sslmode"]
    if pool:
        options["pool"] = pool
    return {
        "ENGINE": "gongzhi.kernel.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(query.get("port", parts.port or "")),
        "OPTIONS": options,
        "CONN_MAX_AGE": 0 if pool else 600,
        "CONN_HEALTH_CHECKS": not pool,
    }
