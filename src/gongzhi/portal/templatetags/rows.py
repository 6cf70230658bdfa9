"""What one page draws many times: the rows of the desk, the choices of a select, the menu that stands on a page twice.

Plain string building, as the parts that are drawn once a row: a template of the same costs a page of fifty rows 10 ms more. A builtin
library, like `parts`.

    {% case_row row %}  {% choices areas asked.chosen.area %}  {% desk_menu %}
"""

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

from django import template
from django.template.defaultfilters import truncatechars
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from gongzhi.portal.templatetags.parts import chip, clock_bar, left_words, life, moment

register = template.Library()


@register.simple_tag(takes_context=True)
def case_row(context: Any, row: Any) -> SafeString:
    """Draw a row of the desk (cases.views.desk.Row): number, title, category, area, state, clock, due moment, who has it."""
    case, usage, colour = row.case, row.usage, row.colour
    category = life(case.life, case.category.label) if case.category else '<span class="soft">—</span>'
    area = escape(case.area.name) if case.area else escape(gettext("no grid")) if case.unlocated else "—"
    if usage:
        at = case.next_due_at or case.closed_at
        shown = moment(context, at) if at else escape(gettext("not fixed"))
        bar, due = clock_bar(context, usage, state=colour), f"<b>{escape(str(row.kept or left_words(usage)))}</b><span>{shown}</span>"
    else:
        bar, due = "", "<span>—</span>"
    who = str(case.handler) if case.handler else truncatechars(str(case.lead), 7) if case.lead else gettext("nobody yet")
    others = f" +{len(row.joined) - 1}" if len(row.joined) > 1 else ""
    joined = f"{escape(truncatechars(row.joined[0], 8))}{others}" if row.joined else "—"
    return mark_safe(  # noqa: S308 - parts escaped
        f'<tr><td><input type="checkbox" name="case" value="{case.pk}" data-pick aria-label="{escape(case.number)}">'
        f'<input type="hidden" name="version_{case.pk}" value="{case.version}"></td>'
        f'<td class="mono soft nowrap">{case.serial:05d}</td>'
        f'<th scope="row"><a class="rowlink" data-row-link href="/cases/{case.slug}/">{escape(case.title)}</a></th>'
        f'<td>{category}</td><td class="nowrap mid">{area}</td><td>{chip(case, row.ground)}</td><td class="clockcell">{bar}</td>'
        f'<td class="nowrap due-{escape(colour)}">{due}</td>'
        f'<td class="nowrap mid">{escape(who)}<span class="co">{joined}</span></td></tr>'
    )


@register.simple_tag
def choices(offered: Iterable[Sequence[Any]], chosen: Any = "") -> SafeString:
    """Draw the options of a select: (value, word) pairs, or (head, pairs) for a group; `chosen` is the value that is selected, as text."""
    wanted = "" if chosen is None else str(chosen)
    parts = []
    for value, word in offered:
        if isinstance(word, list | tuple):
            parts.append(f'<optgroup label="{escape(str(value))}">{choices(word, wanted)}</optgroup>')
        else:
            mark = " selected" if wanted and str(value) == wanted else ""
            parts.append(f'<option value="{escape(str(value))}"{mark}>{escape(str(word))}</option>')
    return mark_safe("".join(parts))  # noqa: S308 - parts escaped


@register.simple_tag(takes_context=True)
def desk_menu(context: Any) -> SafeString:
    """Draw the menu of the desk: it stands beside the page and, on narrow screens, behind a button, and is worked out once."""
    kept = context.render_context.get("desk_menu")
    if kept is None:
        kept = context.render_context["desk_menu"] = render_to_string("portal/_desk_nav.html", {"shell": context["shell"]})
    return mark_safe(kept)  # noqa: S308 - a template
