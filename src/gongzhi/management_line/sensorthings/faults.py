"""What this interface refuses, each with its HTTP status."""

from django.utils.translation import gettext_lazy as _

from gongzhi.kernel.operation import Refused


class Fault(Refused):
    """A refusal in the standard's words. Subclasses may set `status`."""

    status = 400


class BadQuery(Fault):
    sentence = _("This part of the question cannot be read: %(part)s")


class UnknownName(Fault):
    sentence = _("%(owner)s has no %(name)s.")


class TooMuch(Fault):
    sentence = _("The question is too long or too deep; ask less at once.")


class TooCostly(Fault):
    sentence = _("The answer would take too long; narrow the question.")


class WrongKinds(Fault):
    sentence = _("%(what)s does not take these kinds of values.")


class BadValue(Fault):
    sentence = _("%(name)s: %(expected)s is expected.")


class Missing(Fault):
    sentence = _("%(name)s is missing.")


class NotTaken(Fault):
    sentence = _("%(name)s cannot be sent here.")


class NotFound(Fault):
    sentence = _("There is no %(name)s here.")
    status = 404


class NotServed(Fault):
    sentence = _("%(method)s is not served here.")
    status = 405


class InUse(Fault):
    sentence = _("This belongs to the town's own registry, or readings stand on it; it stays.")
    status = 409


class Fixed(Fault):
    sentence = _("%(name)s stays as it is once readings may stand on it; make a new one instead.")
    status = 409


class CodeTaken(Fault):
    sentence = _("A station with this code is registered already.")
    status = 409
    field = "properties"


class TooLarge(Fault):
    sentence = _("What was sent is too large.")
    status = 413


class BadJson(Fault):
    sentence = _("What was sent is not valid JSON.")
