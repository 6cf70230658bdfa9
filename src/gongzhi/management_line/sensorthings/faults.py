"""What this interface refuses, each with its HTTP status."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.operation import Refused


class Fault(Refused):
    """A refusal in the standard's words. Subclasses may set `status`."""

    status = 400


class BadQuery(Fault):
    sentence = _("This part of the question cannot be read: %(part)s")


class NotOffered(Fault):
    sentence = _("%(name)s is not offered here.")
    status = 501


class UnknownName(Fault):
    sentence = _("%(owner)s has no %(name)s.")


class TooMuch(Fault):
    sentence = _("The question is too long or too deep; ask less at once.")


class TooCostly(Fault):
    sentence = _("The answer would take too long; narrow the question.")


class InArchive(Fault):
    sentence = _(
        "Readings before %(since)s have left for the archive, and this question would need all of them. Ask one Datastream by phenomenonTime"
        " (Datastreams(1)/Observations), or only newer readings: $filter=phenomenonTime ge %(since)s."
    )
    status = 501


class CannotReckon(Fault):
    sentence = _("The database cannot work this out: a number, time or text is out of its range.")


class WrongKinds(Fault):
    sentence = _("%(what)s does not take these kinds of values.")


class BadValue(Fault):
    sentence = _("%(name)s: %(expected)s is expected.")


class Missing(Fault):
    sentence = _("%(name)s is missing.")


class NotTaken(Fault):
    sentence = _("%(name)s cannot be sent here.")


class NoSuch(Fault):
    sentence = _("%(name)s: there is none with this number.")


class NotFound(Fault):
    sentence = _("There is no %(name)s here.")
    status = 404


class NotServed(Fault):
    sentence = _("%(method)s is not served at this address.")
    status = 405


class InUse(Fault):
    sentence = _("It stays: the town's own registry or a Datastream stands on it.")
    status = 409


class Fixed(Fault):
    sentence = _("%(name)s stays as it is once readings may stand on it; make a new one instead.")
    status = 409


class CodeTaken(Fault):
    sentence = _("A station with this code is registered already.")
    status = 409
    field = "properties/code"


class NotErased(Fault):
    sentence = _("A reading is never deleted. Send the corrected value for the same moment: it becomes the next version.")
    status = 409


class TooLarge(Fault):
    sentence = _("What was sent is too large.")
    status = 413


class BadJson(Fault):
    sentence = _("What was sent is not valid JSON.")


class NoToken(Fault):
    sentence = _("Writing needs a valid token: send it as a bearer token, or as the password of HTTP Basic.")
    status = 401
