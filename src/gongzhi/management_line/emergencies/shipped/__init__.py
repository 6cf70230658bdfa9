"""Plans that a town begins from."""

from pathlib import Path

EXAMPLE = Path(__file__).with_name("rain.yaml").read_text(encoding="utf-8")
