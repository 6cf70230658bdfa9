"""SenML packs (RFC 8428) resolved into plain records. Pure."""

from typing import Any

from gongzhi.management_line.feeds.said import said as _


class BadPayload(ValueError):
    """A message of which nothing can be used."""


def senml(document: Any) -> list[dict[str, Any]]:
    """Return the resolved records of a SenML pack (RFC 8428): n, u, v, t. Without any time t is left out."""
    if not isinstance(document, list) or not all(isinstance(one, dict) for one in document):
        raise BadPayload(_("SenML is a list of records"))
    base: dict[str, Any] = {}
    found = []
    for record in document:
        for key in ("bn", "bt", "bu", "bv"):
            if key in record:
                base[key] = record[key]
        unknown = [key for key in record if key.endswith("_")]
        if unknown:
            raise BadPayload(_("the SenML label “%(label)s” must be understood and is not") % {"label": unknown[0][:40]})
        if not {"n", "v", "vb", "vs", "vd", "t", "s", "u"} & record.keys():
            continue
        one: dict[str, Any] = {"n": f"{base.get('bn', '')}{record.get('n', '')}", "u": record.get("u", base.get("bu"))}
        value, offset = record.get("v"), base.get("bv")
        if value is None and "vb" in record:
            value = int(record["vb"] is True)
        if value is None and "vs" in record:
            value = record["vs"]
        one["v"] = value + offset if type(value) in (int, float) and type(offset) in (int, float) else value
        if "t" in record or "bt" in base:
            parts = (base.get("bt", 0), record.get("t", 0))
            if any(type(part) not in (int, float) for part in parts):
                raise BadPayload(_("a time in SenML is a number"))
            moment = sum(parts)
            if abs(moment) >= 2**28:  # below, it counts from now: then the moment of receipt is as near
                one["t"] = moment
        found.append(one)
    return found
