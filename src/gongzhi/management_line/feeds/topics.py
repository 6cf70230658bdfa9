"""Topics of MQTT and the patterns and filters they fit (MQTT 5, 4.7). Pure."""

import re

from django.utils.translation import gettext as _


def topic_pattern(pattern: str) -> re.Pattern[str]:
    """Return what matches topics of this pattern; names become groups. Raise ValueError."""
    levels, parts, names = pattern.split("/"), list[str](), set[str]()
    for number, level in enumerate(levels):
        if level == "#":
            if number != len(levels) - 1:
                raise ValueError(_("# stands at the end only"))
            head = "/".join(parts)
            return re.compile(rf"{head}(?:/.*)?" if parts else r".*", re.DOTALL)
        if level == "+":
            parts.append(r"[^/]*")
            continue
        piece = named(level, names, r"[^/]+?")
        if "+" in re.sub(r"\{\w+\}", "", level) or "#" in level:
            raise ValueError(_("+ and # stand alone between slashes"))
        parts.append(piece)
    return re.compile("/".join(parts), re.DOTALL)


def named(text: str, names: set[str], inner: str) -> str:
    made = []
    for part in re.split(r"(\{\w*\})", text):
        if part.startswith("{") and part.endswith("}"):
            name = part[1:-1]
            if not re.fullmatch(r"[a-z_]\w*", name) or name in names:
                raise ValueError(_("“%(name)s” is no name of a level, or is used twice") % {"name": name})
            names.add(name)
            made.append(f"(?P<{name}>{inner})")
        elif "{" in part or "}" in part:
            raise ValueError(_("a brace is not closed"))
        else:
            made.append(re.escape(part))
    return "".join(made)


def covers(topic_filter: str, topic: str) -> bool:
    """Return whether a subscription to this filter gets this topic (MQTT 5, 4.7)."""
    wanted = topic_filter.split("/", 2)[2].split("/") if topic_filter.startswith("$share/") else topic_filter.split("/")
    levels = topic.split("/")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    for number, one in enumerate(wanted):
        if one == "#":
            return True
        if number >= len(levels) or (one != "+" and one != levels[number]):
            return False
    return len(wanted) == len(levels)


def filter_fault(topic_filter: str) -> str:
    """Return what is wrong with a topic filter, or ""."""
    text = topic_filter
    if text.startswith("$share/"):
        parts = text.split("/", 2)
        if len(parts) < 3 or not parts[1] or not parts[2] or re.search(r"[+#]", parts[1]):
            return _("a shared subscription is written $share/GROUP/FILTER")
        text = parts[2]
    if not text or "\0" in text or len(text.encode()) > 65_535:
        return _("a topic filter has 1 to 65,535 bytes and no NUL")
    levels = text.split("/")
    for number, level in enumerate(levels):
        if level in ("+", "#"):
            if level == "#" and number != len(levels) - 1:
                return _("# stands at the end only")
        elif "+" in level or "#" in level:
            return _("+ and # stand alone between slashes")
    return ""


def overlap(one: str, other: str) -> bool:
    """Return whether some topic fits both filters: a message would then come twice."""
    left, right = (text.split("/", 2)[2].split("/") if text.startswith("$share/") else text.split("/") for text in (one, other))
    for number in range(max(len(left), len(right)) + 1):
        a, b = (side[number] if number < len(side) else None for side in (left, right))
        if a == "#" or b == "#":
            return not (number == 0 and (left[0] + right[0]).lstrip("+#").startswith("$"))
        if a is None or b is None:
            return a is b
        if a != b and "+" not in (a, b):
            return False
        if number == 0 and a != b and (a + b).strip("+").startswith("$"):
            return False
    return True
