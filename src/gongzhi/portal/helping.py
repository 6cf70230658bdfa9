"""Help for each audience 使用帮助: what people ask, a short answer, and where it is done."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Answer:
    """A question as people ask it, its answer, and the page where it is done."""

    question: Any
    answer: Any
    url: str = ""
    link: Any = ""


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom a page of help is for."""

    slug: str
    title: Any
    lead: Any
    icon: str
    answers: tuple[Answer, ...]


AUDIENCES = (
    Audience("resident", _("Residents"), _("Report something, follow it, say how it was handled."), "house", (
        Answer(
            _("How do I report something?"),
            _("Take a photo, put the pin where it is, say it in your own words. You need no log-in and no name."),
            "/report/", _("Report something"),
        ),
        Answer(
            _("How do I see how it goes?"),
            _("With the follow code from the last page of the report, or under “Mine” if you were signed in."),
            "/follow/", _("Follow a case"),
        ),
        Answer(
            _("How long may it take?"),
            _("Each case shows until when it must be done and why. A clock stops only on a ground that the law names, and the ground stands there."),
        ),
        Answer(
            _("It is said to be solved, and it is not. What can I do?"),
            _("Open the case with your code and choose “not solved”. Another person than the one who handled it goes and looks."),
        ),
        Answer(
            _("Who sees my name and number?"),
            _("Those who handle your case see a masked name. Whoever needs the number says what for, and that is kept in the ledger."),
            "/privacy/", _("What is kept and why"),
        ),
        Answer(_("Somebody is hurt, it burns, it smells of gas?"), _("Call 110, 119 or 120 first. This site is not an emergency line.")),
    )),
    Audience("firm", _("Firms"), _("Find your cases, file what is due, see what is measured at your place."), "factory", (
        Answer(
            _("Where do I find what concerns my firm?"),
            _("On the firm's page, after signing in as its contact: cases, orders with their clocks, what is to be filed."),
            "/firm/", _("To the firm's page"),
        ),
        Answer(
            _("How do I answer an order?"),
            _("Open it on the firm's page, say what was done, add photos or papers. The unit that ordered it checks the answer."),
        ),
        Answer(
            _("A value that you measured is wrong. What now?"),
            _("Describe the device's state on its page. An officer confirms it; the measured value stays beside the correction."),
        ),
        Answer(
            _("Who becomes the firm's contact?"),
            _("The administrator gives the post to a person of the firm; tell the town's committee when it changes."),
        ),
    )),
    Audience("grid-worker", _("Grid workers"), _("Check on site, report what you find, also without a network."), "map-pin", (
        Answer(
            _("How do I work without a network?"),
            _("Open the field app once while there is a network; add it to the home screen. Tasks and photos are then on the phone, "
              "and what you send waits there."),
            "/field/", _("To the field app"),
        ),
        Answer(
            _("Something was not taken. Is it lost?"),
            _("No. Under “To send” choose “Correct it”: text and photos are still there. Put right what the sentence names and send it again."),
            "/field/outbox/", _("To send"),
        ),
        Answer(
            _("What must a check have?"),
            _("Solved or not, a photo taken there, and what you saw. The photo of the report and that of the result stand side by side for you."),
        ),
        Answer(_("I handled it myself. Why can I not check it?"), _("Whoever handled a case never checks it. Another grid worker of the area gets it.")),
    )),
    Audience("officer", _("Officers"), _("Your desk, the clock, returning, asking others to join."), "inbox", (
        Answer(
            _("What needs me first?"),
            _("The desk lists what is due next on top. Queues on the left show what waits for you and for your unit."),
            "/desk/", _("To the desk"),
        ),
        Answer(
            _("The case is not ours. What do I do?"),
            _("Return it, with the clause of the responsibility list. The dispatcher decides the first two times, the committee the third; its ruling binds."),
            "/responsibilities/", _("Responsibility list"),
        ),
        Answer(_("We need others for it."), _("Ask them to join: each unit has its own task on its own clock, and you see all of them.")),
        Answer(_("We need more time."), _("Stop the clock on a lawful ground, or ask for more time before it is due. Both stand on the case for everybody.")),
        Answer(_("My session ended while I was writing."), _("Sign in again; what you wrote is kept and is sent when you confirm it.")),
    )),
    Audience("administrator", _("Administrators"), _("Log-ins, areas, lists, and what the town is called."), "settings", (
        Answer(
            _("What does a new town need?"),
            _("Areas with boundaries, organs, posts, categories, and one leading unit for each category. The home of administration names what is missing."),
            "/administration/", _("Administration"),
        ),
        Answer(
            _("How do I make a log-in?"),
            _("Under “Log-ins”: name, organ and role. The first password is shown once and is changed at the first sign-in."),
            "/administration/logins/", _("Log-ins"),
        ),
        Answer(
            _("Where do the footer's telephone and record number come from?"),
            _("From “Town and its rules”, under “Who runs this site”."),
            "/administration/town/", _("Town and its rules"),
        ),
        Answer(
            _("How do I put a base map under the areas?"),
            _("Lay a PMTiles file named after the town's code into the data folder's basemaps, or set a Tianditu key. Pages show it at once."),
        ),
        Answer(
            _("A notice did not arrive."),
            _("“Notices on their way out” shows what waits and what failed, with the reason; there it can be tried again."),
            "/notices/deliveries/", _("Notices on their way out"),
        ),
    )),
)  # fmt: skip


def audience(slug: str) -> Audience | None:
    """Return the audience of this address, or None."""
    return next((one for one in AUDIENCES if one.slug == slug), None)
