"""Papers as their readers may see them, and what a stranger may ask of one that they hold."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.papers import codes, keys, looking, signing
from gongzhi.foundation.papers.models import Paper, SigningKey, Standing
from gongzhi.kernel.actors import Actor


# ---- for modules ----------------------------------------------------------------------------------------------------
def papers(*, seen_by: Actor) -> "QuerySet[Paper]":
    """Return the papers that this actor may see, the newest first."""
    return Paper.objects.visible_to(seen_by).select_related("organ", "attachment").order_by("-issued_at", "-pk")


def papers_of(*, seen_by: Actor, person_id: int | None = None, firm_code: str = "") -> "QuerySet[Paper]":
    """Return the papers of a person or of a firm that this actor may see, the newest first."""
    if person_id is not None:
        return papers(seen_by=seen_by).filter(holder_sort="person", holder_key=str(person_id))
    return papers(seen_by=seen_by).filter(holder_sort="firm", holder_key=firm_code) if firm_code else papers(seen_by=seen_by).none()


def papers_of_case(*, seen_by: Actor, case_id: int) -> "QuerySet[Paper]":
    """Return the papers of a case that this actor may see, the newest first."""
    return papers(seen_by=seen_by).filter(case_id=case_id)


def own_papers(*, seen_by: Actor) -> "QuerySet[Paper]":
    """Return the actor's own papers, the newest first."""
    return papers(seen_by=seen_by).filter(holder_sort="person", holder_key=str(seen_by.person_id))


def issued_papers(*, seen_by: Actor) -> "QuerySet[Paper]":
    """Return the papers that organs issued in which the actor serves, the newest first."""
    return papers(seen_by=seen_by).filter(organ_id__in=sorted(seen_by.organ_ids))


def paper_for(*, seen_by: Actor, paper_id: int) -> Paper:
    """Return a paper that this actor may see; raise Paper.DoesNotExist."""
    return Paper.objects.visible_to(seen_by).select_related("organ", "attachment", "replaces").get(pk=paper_id)


def newer(*, seen_by: Actor, paper: Paper) -> Paper | None:
    """Return the paper that took the place of one, if this actor may see it."""
    return Paper.objects.visible_to(seen_by).filter(replaces=paper).first()


def is_seen(*, seen_by: Actor, attachment_id: int) -> bool:
    """Return whether a file is a paper that this actor may see."""
    return Paper.objects.visible_to(seen_by).filter(attachment_id=attachment_id).exists()


# ---- for whoever holds one ------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Checked:
    """What a stranger with a paper in hand is told of it: no more than stands on it, its holder masked."""

    paper: Paper
    standing: Standing
    replaced_by: str
    file: "FileCheck | None" = None

    @property
    def reason(self) -> str:
        return "" if self.paper.state == Paper.State.VALID else self.paper.reason


@dataclass(frozen=True, slots=True)
class FileCheck:
    """What was found of a file that somebody brought: `code` for programs, words for people."""

    code: str
    passes: bool
    sentence: Any
    advice: Any = ""


FILES = {
    "whole": FileCheck("whole", True, _("The file is exactly as we issued it.")),
    "no-pdf": FileCheck(
        "no-pdf", False, _("This is no PDF file, so it cannot be one of our papers."), _("Choose the file that you were given, not a photo or a copy of it.")
    ),
    "unsigned": FileCheck(
        "unsigned",
        False,
        _("This file has no electronic signature. It is a copy, a print or something else, and cannot be checked as a file."),
        _("If a number and a check code stand on it, ask with these."),
    ),
    "not-ours": FileCheck("not-ours", False, _("This file was signed by somebody else. It is not one of our papers."), _("Do not rely on it.")),
    "appended": FileCheck(
        "appended",
        False,
        _("Something was added to this file after we issued it: a comment, a signature, a turned page or hidden content."),
        _("Do not rely on it. Ask for the file as it was issued."),
    ),
    "several": FileCheck(
        "several", False, _("This file has more than one signature. Our papers have one only."), _("Do not rely on it. Ask for the file as it was issued.")
    ),
    "changed": FileCheck(
        "changed",
        False,
        _("This file was changed after we issued it: it is no longer what was signed."),
        _("Do not rely on it. Ask for the file as it was issued."),
    ),
    "unknown": FileCheck(
        "unknown", False, _("This file has our signature, but we have no record that we gave it out."), _("Do not rely on it, and please tell us.")
    ),
}


def _checked(paper: Paper, on: date, file: FileCheck | None = None) -> Checked:
    newer = Paper.objects.filter(replaces=paper).only("number").first()
    return Checked(paper, paper.standing(on), newer.number if newer else "", file)


def check_code(*, seen_by: Actor, code: str, on: date) -> Checked | None:
    """Return what is told of the paper with a check code, or None. Whoever asks: who knows the code has the paper in hand."""
    letters = codes.plain(code)
    paper = Paper.objects.select_related("organ").filter(code=letters).first() if letters else None
    return _checked(paper, on) if paper else None


def check_number(*, seen_by: Actor, number: str, code: str, on: date) -> Checked | None:
    """Return what is told of the paper with this number and this check code, or None where the two do not belong together."""
    found = check_code(seen_by=seen_by, code=code, on=on)
    return found if found is not None and found.paper.number == codes.plain_number(number) else None


def root(*, seen_by: Actor) -> bytes | None:
    """Return the town's root certificate (DER), or None before the first paper. Whoever asks: certificates are public."""
    found = SigningKey.objects.filter(role=SigningKey.Role.ROOT).first()
    return bytes(found.certificate) if found else None


def root_pem(*, seen_by: Actor) -> str | None:
    """Return the town's root certificate in the form that readers of PDF take, or None before the first paper."""
    found = root(seen_by=seen_by)
    return keys.pem(found) if found else None


def check_file(*, seen_by: Actor, content: bytes, on: date) -> tuple[FileCheck, Checked | None]:
    """Say of a file that somebody brings whether it is a paper of ours, whole; and which, where that can be known. Whoever asks: they have the file.

    It passes only if its SHA-256 is recorded, it has one signature, ours, and that covers the whole file. Only such a file is opened.
    """
    told = looking.look(content)
    paper = Paper.objects.select_related("organ", "key").filter(sha256=told.sha256).first()
    certificate = root(seen_by=seen_by)
    if paper is not None and certificate is not None:
        verdict = FILES["whole"] if signing.judge(content, root=certificate, at=paper.issued_at).passes else FILES["changed"]
        return verdict, _checked(paper, on, verdict)
    verdict = _wrong(told)
    for one in told.signatures:
        before = Paper.objects.select_related("organ").filter(sha256=looking.begins_with(content, one.end)).first()
        if before is not None:
            return FILES["appended"], _checked(before, on, FILES["appended"])
    return verdict, None


def _wrong(told: looking.Look) -> FileCheck:
    """Say what is wrong with a file that no record knows."""
    if not told.is_pdf:
        return FILES["no-pdf"]
    if not told.signatures:
        return FILES["unsigned"]
    ours = {bytes(found) for found in SigningKey.objects.filter(role=SigningKey.Role.PAPERS).values_list("certificate", flat=True)}
    if not any(one.signer in ours for one in told.signatures):
        return FILES["not-ours"]
    if len(told.signatures) > 1:
        return FILES["several"]
    one = told.signatures[0]
    if not one.is_unchanged:
        return FILES["changed"]
    return FILES["appended"] if one.end < told.size else FILES["unknown"]
