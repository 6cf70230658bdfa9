"""What the territory leaves in the ledger."""

from dataclasses import dataclass

from gongzhi.kernel.facts import Fact


@dataclass(frozen=True, kw_only=True)
class TownFounded(Fact):
    code: str


@dataclass(frozen=True, kw_only=True)
class TownRulesSet(Fact):
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class AreaDefined(Fact):
    code: str
    level: str
    replaces: int | None = None


@dataclass(frozen=True, kw_only=True)
class PlaceDefined(Fact):
    area_id: int | None


@dataclass(frozen=True, kw_only=True)
class AreaEnded(Fact):
    code: str


@dataclass(frozen=True, kw_only=True)
class TownNamed(Fact):
    short_name: str
