"""The shell of all pages, and the only place that mixes modules on one page.

What it is: the design system (`static/portal/tokens.css`, `gongzhi.css`, `icons.svg`, the template tags of
`templatetags/parts.py`), the four shells that every module's pages extend (portal, desk, field, cockpit), the
middleware that finds out for whom and in which town a request is, navigation, and the homes of each audience:

/            the portal's home        /open/     the town's open figures
/cockpit/    the town now, live       /map/      areas, open cases and stations
/field/      the grid worker's app, installable, works without a network
/language/ /size/ /theme/             what a reader prefers, kept in cookies

Facts in and out: none. The field app's submissions go through the operations of cases and reports.
What it is not: it holds no tables and no rules about cases; a page of one module lives in that module.

Vendored browser libraries lie in `static/vendor/` with name, version, licence and hash in `manifest.json`.
"""
