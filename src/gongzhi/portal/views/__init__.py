"""The pages of the portal's own addresses, by audience."""

from gongzhi.portal.views.administration import administration, town_rules
from gongzhi.portal.views.again import again, signed_in, stay_signed_out
from gongzhi.portal.views.basemap import base_map
from gongzhi.portal.views.choices import language, size, theme
from gongzhi.portal.views.cockpit import cockpit
from gongzhi.portal.views.field import app, manifest, service_worker, sync, work
from gongzhi.portal.views.firm import firm
from gongzhi.portal.views.help import help_for
from gongzhi.portal.views.home import access, home, privacy, search, welcome
from gongzhi.portal.views.town import areas_data, cases_data, figures, figures_csv, stations_data, town_map

__all__ = [
    "access", "administration", "again", "app", "areas_data", "base_map", "cases_data", "cockpit", "figures", "figures_csv", "firm", "help_for", "home",
    "language", "manifest", "privacy", "search", "service_worker", "signed_in", "size", "stations_data",
    "stay_signed_out", "sync", "theme",
    "town_map", "town_rules", "welcome", "work",
]  # fmt: skip
