"""The acts on a case as its faces offer them: each has one form and ends in one operation.

Pages and the API read the same table, so that what one can do is one list. Nothing is decided here: whether an act is
possible is asked of the engine (`queries.may_now`, `rules`), what it does is the operation's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from gongzhi.cases import forms, operations, queries, rules
from gongzhi.cases.lifecycle import QUIET, Act, is_lawful
from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.cases.models import Case, CoHandling

Run = Callable[[Actor, datetime, "Case", dict[str, Any], Sequence[int]], Any]


@dataclass(frozen=True, kw_only=True)
class ActFace:
    """One act: what it is called on a button, its form, and the operation that it ends in."""

    code: str
    title: Any
    icon: str
    form: type[forms.ActForm]
    run: Run
    done: Any
    lead: Any = ""
    kind: str = ""  # of the button that sends it: primary or danger
    key: str = ""

    @property
    def is_quiet(self) -> bool:
        """Return whether what others are about to decide still stands after this act."""
        return self.code in QUIET or self.code == "show_contact"

    @property
    def slug(self) -> str:
        return self.code.replace("_", "-")


def _limit(data: dict[str, Any]) -> tuple[int, str] | None:
    return (data["amount"], data["unit"]) if data.get("amount") and data.get("unit") else None


def _verify(passed: bool) -> Run:
    return lambda by, at, case, data, papers: operations.verify_case(
        by=by, at=at, case_id=case.pk, passed=passed, text=data["text"], longitude=data["longitude"], latitude=data["latitude"],
        on_site=data["on_site"], attachment_ids=papers,
    )  # fmt: skip


def _follow_up(step: str) -> Run:
    return lambda by, at, case, data, papers: operations.follow_up_rating(
        by=by, at=at, follow_up_id=data["follow_up"], step=step, text=data["text"], answer=data.get("answer", "")
    )


FACES: tuple[ActFace, ...] = (
    ActFace(
        code="answer", title=_("Report the result"), icon="check", form=forms.AnswerForm, kind="primary", key="a",
        done=_("The result is reported; another person checks it now."),
        lead=_("The clock of the case ends here. Another person then goes and looks."),
        run=lambda by, at, case, data, papers: operations.answer_case(
            by=by, at=at, case_id=case.pk, public_text=data["public_text"], internal_text=data["internal_text"], attachment_ids=papers
        ),
    ),
    ActFace(
        code="accept", title=_("Begin work"), icon="hammer", form=forms.AcceptForm, kind="primary", key="b", done=_("You handle this case now."),
        run=lambda by, at, case, data, papers: operations.accept_case(by=by, at=at, case_id=case.pk, text=data["text"]),
    ),
    ActFace(
        code="verify_pass", title=_("It is solved"), icon="circle-check", form=forms.VerifyForm, kind="primary", key="v", done=_("Checked: solved."),
        run=_verify(True),
        lead=_("You confirm with your post that it is solved. Whoever handled it cannot check it."),
    ),
    ActFace(
        code="verify_fail", title=_("It is not solved"), icon="circle-x", form=forms.VerifyForm, kind="danger",
        done=_("Checked: not solved; the unit goes on with it."),
        run=_verify(False), lead=_("The case goes back to the unit, on the clock it was on."),
    ),
    ActFace(
        code="settle", title=_("Settle who leads"), icon="scale", form=forms.SettleForm, kind="primary", key="s", done=_("Settled."),
        lead=_("After the third return the committee settles; its ruling binds and, where it departs from the list, becomes a proposal to amend it."),
        run=lambda by, at, case, data, papers: operations.settle_case(
            by=by, at=at, case_id=case.pk, organ_id=data["organ"], reason=data["reason"], clause=data["clause"]
        ),
    ),
    ActFace(
        code="assign", title=_("Assign"), icon="send", form=forms.AssignForm, kind="primary", key="d", done=_("Assigned."),
        run=lambda by, at, case, data, papers: operations.assign_case(
            by=by, at=at, case_id=case.pk, organ_id=data["organ"], clause=data["clause"], text=data["text"]
        ),
    ),
    ActFace(
        code="take_back", title=_("Take the assignment back"), icon="undo-2", form=forms.FollowForm, kind="danger",
        done=_("Taken back; it waits for a unit again."),
        lead=_("For a minute, as long as nothing else has happened."),
        run=lambda by, at, case, data, papers: operations.take_back_case(by=by, at=at, case_id=case.pk),
    ),
    ActFace(
        code="resume", title=_("Let the clock run"), icon="play", form=forms.ResumeForm, kind="primary", key="p", done=_("The clock runs again."),
        run=lambda by, at, case, data, papers: operations.resume_case(by=by, at=at, case_id=case.pk, text=data["text"]),
    ),
    ActFace(
        code="join", title=_("Ask others to join"), icon="users", form=forms.JoinForm, kind="primary", key="c", done=_("Asked."),
        lead=_("Each unit has its own task on its own clock. Where the case waits for it, you can report the result only after it has reported."),
        run=lambda by, at, case, data, papers: operations.join_case(
            by=by, at=at, case_id=case.pk, organ_id=data["organ"], task=data["task"], required=data["required"], is_order=data["is_order"], limit=_limit(data)
        ),
    ),
    ActFace(
        code="suspend", title=_("Stop the clock"), icon="circle-pause", form=forms.SuspendForm, kind="primary", key="p", done=_("The clock is stopped."),
        lead=_("Only a lawful ground stops a clock. Ground, rule and reason stand on the case for everybody."),
        run=lambda by, at, case, data, papers: operations.suspend_case(
            by=by, at=at, case_id=case.pk, ground=data["ground"], basis=data["basis"], reason=data["reason"]
        ),
    ),
    ActFace(
        code="return", title=_("Return"), icon="undo-2", form=forms.ReturnForm, kind="danger", key="r", done=_("Returned."),
        lead=_("The first two returns go to the dispatcher, the third to the committee. Every return is counted by unit and category."),
        run=lambda by, at, case, data, papers: operations.return_case(by=by, at=at, case_id=case.pk, reason=data["reason"], clause=data["clause"]),
    ),
    ActFace(
        code="extend", title=_("Grant more time"), icon="clock", form=forms.ExtendForm, kind="primary", key="e", done=_("More time is granted."),
        lead=_("Only before the due time and below the ceiling of the rule. It is counted as extended, never as on time."),
        run=lambda by, at, case, data, papers: operations.extend_case(
            by=by, at=at, case_id=case.pk, amount=data["amount"], basis=data["basis"], reason=data["reason"]
        ),
    ),
    ActFace(
        code="close", title=_("Close the case"), icon="stamp", form=forms.CloseForm, kind="primary", done=_("Closed."),
        run=lambda by, at, case, data, papers: operations.close_case(by=by, at=at, case_id=case.pk, outcome=data["outcome"]),
    ),
    ActFace(
        code="close_unverified", title=_("Close without a check"), icon="stamp", form=forms.CloseUnverifiedForm, kind="danger",
        done=_("Closed without a check."),
        lead=_("The case shows for ever that nobody checked it."),
        run=lambda by, at, case, data, papers: operations.close_case(by=by, at=at, case_id=case.pk, outcome=data["outcome"]),
    ),
    ActFace(
        code="reclassify", title=_("Change the category"), icon="tag", form=forms.ReclassifyForm, kind="primary", done=_("The category is changed."),
        lead=_("The clock keeps its start and takes the limit of the new category."),
        run=lambda by, at, case, data, papers: operations.reclassify_case(
            by=by, at=at, case_id=case.pk, category_id=data["category"], reason=data["reason"]
        ),
    ),
    ActFace(
        code="merge", title=_("Merge into another case"), icon="git-merge", form=forms.MergeForm, kind="primary", key="m", done=_("Merged."),
        lead=_("Everybody who raised it follows the other case from now on and rates it."),
        run=lambda by, at, case, data, papers: operations.merge_case(by=by, at=at, case_id=case.pk, into_id=data["into"].pk, text=data["text"]),
    ),
    ActFace(
        code="reject", title=_("Do not accept"), icon="ban", form=forms.RejectForm, kind="danger", done=_("Not accepted."),
        run=lambda by, at, case, data, papers: operations.reject_case(by=by, at=at, case_id=case.pk, reason=data["reason"], basis=data["basis"]),
    ),
    ActFace(
        code="refer", title=_("Refer"), icon="corner-down-right", form=forms.ReferForm, kind="primary", done=_("Referred."),
        lead=_("The case goes on as another kind, with its history."),
        run=lambda by, at, case, data, papers: operations.refer_case(by=by, at=at, case_id=case.pk, to_kind=data["to_kind"], reason=data["reason"]),
    ),
    ActFace(
        code="rate", title=_("Rate"), icon="star", form=forms.RateForm, kind="primary", done=_("Thank you. Your rating stands and nobody can withdraw it."),
        lead=_("Once per case. After one of the two lowest levels the town answers within one working day."),
        run=lambda by, at, case, data, papers: operations.rate_case(
            by=by, at=at, case_id=case.pk, level=data["level"], tags=data["tags"], text=data["text"], solved=data["solved"]
        ),
    ),
    ActFace(
        code="reopen", title=_("Reopen"), icon="rotate-ccw", form=forms.ReopenForm, kind="primary", done=_("Reopened."),
        run=lambda by, at, case, data, papers: operations.reopen_case(by=by, at=at, case_id=case.pk, reason=data["reason"]),
    ),
    ActFace(
        code="note", title=_("Add a note"), icon="message-square", form=forms.NoteForm, kind="primary", key="n", done=_("Noted."),
        run=lambda by, at, case, data, papers: operations.note_case(
            by=by, at=at, case_id=case.pk, text=data["text"], internal=data.get("internal", False), attachment_ids=papers
        ),
    ),
    ActFace(
        code="urge", title=_("Urge"), icon="bell", form=forms.UrgeForm, kind="primary", key="u", done=_("Urged."),
        run=lambda by, at, case, data, papers: operations.urge_case(by=by, at=at, case_id=case.pk, text=data["text"]),
    ),
    ActFace(
        code="withdraw", title=_("Withdraw"), icon="undo-2", form=forms.WithdrawForm, kind="danger", done=_("Withdrawn."),
        run=lambda by, at, case, data, papers: operations.withdraw_case(by=by, at=at, case_id=case.pk, reason=data["reason"]),
    ),
    ActFace(
        code="join_answer", title=_("Report on your task"), icon="check", form=forms.JoinAnswerForm, kind="primary", key="a", done=_("Reported."),
        lead=_("Your unit's clock ends here; the leading unit reads it at once."),
        run=lambda by, at, case, data, papers: operations.answer_join(
            by=by, at=at, co_handling_id=data["co_handling"], result=data["result"], attachment_ids=papers
        ),
    ),
    ActFace(
        code="call_back", title=_("Called back"), icon="phone", form=forms.CallBackForm, kind="primary", done=_("Kept."), run=_follow_up("called"),
        lead=_("What whoever rated it badly said on the telephone. Who left no number reads your written answer where they follow the case."),
    ),
    ActFace(
        code="put_right", title=_("Put right"), icon="badge-check", form=forms.PutRightForm, kind="primary", done=_("Published."), run=_follow_up("put_right"),
    ),
    ActFace(
        code="place", title=_("Say where it is"), icon="map-pin", form=forms.PlaceForm, kind="primary", key="l", done=_("Placed."),
        lead=_("It lies in no grid. Set the pin or choose the grid; the responsibility list is then asked again."),
        run=lambda by, at, case, data, papers: operations.place_case(
            by=by, at=at, case_id=case.pk, area_id=data["area"], longitude=data["longitude"], latitude=data["latitude"], address=data["address"]
        ),
    ),
    ActFace(
        code="raise_severity", title=_("Raise the severity"), icon="triangle-alert", form=forms.SeverityForm, kind="primary", done=_("Raised."),
        run=lambda by, at, case, data, papers: operations.raise_severity(by=by, at=at, case_id=case.pk, severity=data["severity"], reason=data["reason"]),
    ),
    ActFace(
        code="move_procedure", title=_("Move to another version of the procedure"), icon="route", form=forms.MoveProcedureForm, kind="primary",
        done=_("Moved."),
        run=lambda by, at, case, data, papers: operations.move_to_procedure(
            by=by, at=at, case_id=case.pk, procedure_id=data["procedure"], reason=data["reason"]
        ),
    ),
    ActFace(
        code="show_contact", title=_("Show the contact"), icon="eye", form=forms.ShowContactForm, kind="primary", done="",
        lead=_("Telephone and name are sealed. Who looks, when and what for stands in the ledger."),
        run=lambda by, at, case, data, papers: operations.show_raiser(by=by, at=at, case_id=case.pk, purpose=data["purpose"], field=data["field"]),
    ),
    ActFace(
        code="follow", title=_("Follow this case"), icon="bookmark", form=forms.FollowForm, kind="primary", done=_("You follow this case now."),
        lead=_("Instead of raising the same again: you hear of each step and rate it in the end."),
        run=lambda by, at, case, data, papers: operations.follow_case(by=by, at=at, case_id=case.pk),
    ),
)  # fmt: skip
BY_CODE = {face.code: face for face in FACES}


def decide(face: ActFace, *, by: Actor, at: datetime, case: "Case", data: dict[str, Any], papers: Sequence[int] = (), version: int | None) -> Any:
    """Do an act that was decided on a version of the case (None: unknown). What leaves other decisions standing is done on any version."""
    with operations.decided_on(case.pk, None if face.is_quiet else version):
        return face.run(by, at, case, data, papers)


def face_of(slug: str) -> ActFace | None:
    """Return the act with this name in addresses (verify-pass) or in the engine (verify_pass), or None."""
    return BY_CODE.get(slug.replace("-", "_"))


def now(*, seen_by: Actor, case: "Case", at: datetime, tasks: "Sequence[CoHandling] | None" = None) -> list[ActFace]:
    """Return what this actor may do with the case now, most useful first; `tasks` are those of joined units, where they are known."""
    return [BY_CODE[code] for code in codes_now(seen_by=seen_by, case=case, at=at, tasks=tasks)]


def codes_now(*, seen_by: Actor, case: "Case", at: datetime, tasks: "Sequence[CoHandling] | None" = None) -> list[str]:
    """Return the codes of what this actor may do with the case now, most useful first."""
    found = [code for code in queries.may_now(seen_by=seen_by, case=case) if code in BY_CODE]
    if case.is_merged:
        return found
    first = []
    if is_lawful(case.state, Act.JOIN_ANSWER) and seen_by.duties:
        waiting = queries.co_handlings(seen_by=seen_by, case=case) if tasks is None else tasks
        if any(one.is_waiting and rules.may_answer_join(seen_by, one) for one in waiting):
            first.append("join_answer")
    if case.is_closed and seen_by.duties:
        for follow_up in queries.follow_ups(seen_by=seen_by, case=case):
            if follow_up.state == "to_call" and rules.may_call_back(seen_by, follow_up):
                first.append("call_back")
            elif follow_up.state == "to_put_right" and rules.may_put_right(seen_by, follow_up):
                first.append("put_right")
    if rules.may_assign(seen_by, case) and queries.assigned_just_now(seen_by=seen_by, case=case, at=at) is not None:
        first.append("take_back")
    if case.unlocated and case.is_open and rules.may_place(seen_by, case):
        first.append("place")
    last = []
    if case.is_open and case.severity < 4 and rules.may_raise_severity(seen_by, case):
        last.append("raise_severity")
    if case.is_open and rules.may_move_procedure(seen_by, case) and _has_other_versions(seen_by, case):
        last.append("move_procedure")
    contact = queries.whose_contact(seen_by=seen_by, case=case) if seen_by.duties else None
    if contact is not None and contact != seen_by.person_id and rules.sees_internal(seen_by, case):
        last.append("show_contact")
    if is_lawful(case.state, Act.FOLLOW) and seen_by.person_id and not rules.is_party(seen_by, case) and rules.may_follow(seen_by, case):
        last.append("follow")
    return [*dict.fromkeys([*first, *found, *last])]


def _has_other_versions(seen_by: Actor, case: "Case") -> bool:
    return queries.procedure_versions(seen_by=seen_by, kind=case.kind).exclude(pk=case.procedure_id or 0).exists()
