"""What every template may use: town, actor, and the reader's shell."""

from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from gongzhi.kernel.actors import ANYONE, Actor
from gongzhi.kernel.doors import shown
from gongzhi.portal import navigation, rules
from gongzhi.portal.middleware import ended

THEME_COOKIE = "gongzhi_theme"
SIZE_COOKIE = "gongzhi_size"


class Shell:
    """What the frame round a page shows; each part is worked out only if the frame has it."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    @property
    def actor(self) -> Actor:
        return getattr(self._request, "actor", ANYONE)

    @cached_property
    def language(self) -> str:
        """Return the BCP 47 tag of the page's language, zh-Hans or en."""
        return "en" if (get_language() or "").startswith("en") else "zh-Hans"

    @property
    def is_chinese(self) -> bool:
        return self.language != "en"

    @cached_property
    def theme(self) -> str:
        """Return light, dark, or "" when the system decides."""
        wanted = self._request.COOKIES.get(THEME_COOKIE, "")
        return wanted if wanted in ("light", "dark") else ""

    @cached_property
    def is_large(self) -> bool:
        """Return whether the reader chose the large and simple mode 长辈版."""
        return self._request.COOKIES.get(SIZE_COOKIE) == "large"

    @cached_property
    def here(self) -> str:
        """Return the address to come back to after a change of language, size or theme."""
        return self._request.get_full_path() if self._request.method == "GET" else "/"

    def _choose(self, what: str, to: str) -> str:
        return f"/{what}/?{urlencode({'to': to, 'next': self.here})}"

    @property
    def other_language_url(self) -> str:
        return self._choose("language", "en" if self.is_chinese else "zh-hans")

    @property
    def other_size_url(self) -> str:
        return self._choose("size", "normal" if self.is_large else "large")

    @property
    def other_theme_url(self) -> str:
        return self._choose("theme", {"": "dark", "dark": "light", "light": "system"}[self.theme])

    @cached_property
    def town_name(self) -> str:
        """Return the town's name in the page's language."""
        town = getattr(self._request, "town", None)
        if town is None:
            return ""
        return town.name_en or town.name if not self.is_chinese else town.name

    @property
    def imprint(self) -> dict[str, str]:
        """Return who runs this site, as the town set it: organiser, organiser_en, phone, record, police_record."""
        town = getattr(self._request, "town", None)
        return (town.settings.get("imprint") or {}) if town is not None else {}

    @property
    def organiser(self) -> str:
        return (self.imprint.get("organiser_en") if not self.is_chinese else "") or self.imprint.get("organiser", "")

    @cached_property
    def brand(self) -> str:
        """Return the name of the site: 云溪共治, Yunxi gongzhi."""
        town = getattr(self._request, "town", None)
        if town is None:
            return "共治" if self.is_chinese else "gongzhi"
        return f"{town.short_name}共治" if self.is_chinese else f"{town.name_en or town.short_name} · gongzhi"

    @cached_property
    def now(self) -> Any:
        return timezone.now()

    # -- who ------------------------------------------------------------------------------------------------------
    @property
    def is_signed_in(self) -> bool:
        return self.actor.is_signed_in

    @property
    def is_staff(self) -> bool:
        return rules.may_use_desk(self.actor)

    @cached_property
    def session_ended(self) -> bool:
        """Return whether this browser had a session that has ended (not one that was signed out of)."""
        return ended.person_before(self._request) is not None

    @property
    def has_kept_form(self) -> bool:
        """Return whether what was sent after the session's end waits to be sent again."""
        return ended.KEPT in self._request.session

    @cached_property
    def person_name(self) -> str:
        """Return what stands for the reader on their pages: a post for staff, a masked name for others."""
        person = getattr(getattr(self._request, "user", None), "person", None)
        return str(person) if person else str(getattr(self._request, "user", ""))

    @cached_property
    def organ_name(self) -> str:
        return navigation.organ_name(self.actor)

    @cached_property
    def unread(self) -> int:
        """Return how many notices the reader has not read."""
        return navigation.unread(self.actor)

    @cached_property
    def banners(self) -> list[Any]:
        """Return what every page says at its head now, such as an alert in force."""
        return [one for one in shown("banner", actor=self.actor, at=self.now) if one.told is not None] if getattr(self._request, "town", None) else []

    # -- where to -------------------------------------------------------------------------------------------------
    @cached_property
    def portal_entries(self) -> list[navigation.Shown]:
        return navigation.shown(navigation.public(), self.actor, self._request.get_full_path(), self.now)

    @cached_property
    def below_entries(self) -> list[navigation.Shown]:
        """Return the pages beside the present one, under the same entry of the navigation."""
        return navigation.below(self._request.get_full_path(), self.actor, self.now)

    @cached_property
    def tab_entries(self) -> list[navigation.Shown]:
        return navigation.shown((navigation.HOME, *navigation.public()), self.actor, self._request.get_full_path(), self.now)

    @cached_property
    def desk_groups(self) -> list[tuple[Any, list[navigation.Shown]]]:
        groups = [
            (title, navigation.shown(navigation.entries(place), self.actor, self._request.get_full_path(), self.now))
            for place, title in navigation.DESK
        ]
        return [(title, entries) for title, entries in groups if entries]

    @cached_property
    def field_entries(self) -> list[navigation.Shown]:
        return navigation.shown(navigation.FIELD, self.actor, self._request.get_full_path(), self.now)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Give templates `town`, `actor` and `shell`."""
    return {
        "town": getattr(request, "town", None),
        "actor": getattr(request, "actor", ANYONE),
        "shell": SimpleLazyObject(lambda: Shell(request)),
    }
