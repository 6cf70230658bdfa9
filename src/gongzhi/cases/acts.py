"""The acts on a case: one registry that page buttons, API, desk keys and batch acts read.

Each act has one rule, one form and one operation. The engine's acts are its first users; a kind registers its own beside
itself (`acts.py` of its module, found at start). Nothing is decided here: whether an act is possible is asked of the
engine or of the act's rule, what it does is the operation's.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from gongzhi.cases import forms, operations, queries, rules
from gongzhi.cases.lifecycle import QUIET, Act, is_lawful
from gongzhi.cases.models import KIND_ACT_WORDS
from gongzhi.kernel.actors import Actor

if TYPE_CHECKING:
    from gongzhi.cases.models import Case, Task
    from gongzhi.cases.procedure import Result

ActForm = forms.ActForm  # what the form of a kind's act is made of
Run = Callable[[Actor, datetime, "Case", dict[str, Any], Sequence[int]], Any]


@dataclass(frozen=True, kw_only=True)
class CaseAct:
    """One act: what it is called on a button, who may do it now, its form, and the operation that it ends in.

    kinds: codes of the kinds of case that have it; None: all. may: rule(actor, case) for an act of a kind; the engine's own
    ask `codes_now`. given: what the form is told before it is shown (which result is meant). word, chip, icon: its step in the story.
    """

    code: str
    title: Any
    icon: str
    form: type[forms.ActForm]
    run: Run
    done: Any
    lead: Any = ""
    kind: str = ""  # of the button that sends it: primary or danger
    key: str = ""
    kinds: frozenset[str] | None = None
    may: Callable[[Actor, "Case"], bool] | None = None
    given: tuple[tuple[str, str], ...] = ()
    word: Any = ""
    chip: str = "work"
    body: Any = None  # the API's body, a ninja Schema; made from the form where there is none

    @property
    def is_quiet(self) -> bool:
        """Return whether what others are about to decide still stands after this act."""
        return self.code in QUIET or self.code == "show_contact"

    @property
    def slug(self) -> str:
        return self.code.replace("_", "-").replace(".", "-")

    @property
    def path(self) -> str:
        """Return the act's part of the address, with what its form is told."""
        return f"{self.slug}/" + (f"?{urlencode(self.given)}" if self.given else "")


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


FACES: tuple[CaseAct, ...] = (
    CaseAct(
        code="answer", title=_("Report the result"), icon="check", form=forms.AnswerForm, kind="primary", key="a",
        done=_("The result is reported; another person checks it now."),
        lead=_("The clock of the case ends here. Another person then goes and looks."),
        run=lambda by, at, case, data, papers: operations.answer_case(
            by=by, at=at, case_id=case.pk, public_text=data["public_text"], internal_text=data["internal_text"], attachment_ids=papers
        ),
    ),
    CaseAct(
        code="accept", title=_("Begin work"), icon="hammer", form=forms.AcceptForm, kind="primary", key="b", done=_("You handle this case now."),
        run=lambda by, at, case, data, papers: operations.accept_case(by=by, at=at, case_id=case.pk, text=data["text"]),
    ),
    CaseAct(
        code="verify_pass", title=_("It is solved"), icon="circle-check", form=forms.VerifyForm, kind="primary", key="v", done=_("Checked: solved."),
        run=_verify(True),
        lead=_("You confirm with your post that it is solved. Whoever handled it cannot check it."),
    ),
    CaseAct(
        code="verify_fail", title=_("It is not solved"), icon="circle-x", form=forms.VerifyForm, kind="danger",
        done=_("Checked: not solved; the unit goes on with it."),
        run=_verify(False), lead=_("The case goes back to the unit, on the clock it was on."),
    ),
    CaseAct(
        code="settle", title=_("Settle who leads"), icon="scale", form=forms.SettleForm, kind="primary", key="s", done=_("Settled."),
        lead=_("After the third return the committee settles; its ruling binds and, where it departs from the list, becomes a proposal to amend it."),
        run=lambda by, at, case, data, papers: operations.settle_case(
            by=by, at=at, case_id=case.pk, organ_id=data["organ"], reason=data["reason"], clause=data["clause"]
        ),
    ),
    CaseAct(
        code="assign", title=_("Assign"), icon="send", form=forms.AssignForm, kind="primary", key="d", done=_("Assigned."),
        run=lambda by, at, case, data, papers: operations.assign_case(
            by=by, at=at, case_id=case.pk, organ_id=data["organ"], clause=data["clause"], text=data["text"]
        ),
    ),
    CaseAct(
        code="take_back", title=_("Take the assignment back"), icon="undo-2", form=forms.FollowForm, kind="danger",
        done=_("Taken back; it waits for a unit again."),
        lead=_("For a minute, as long as nothing else has happened."),
        run=lambda by, at, case, data, papers: operations.take_back_case(by=by, at=at, case_id=case.pk),
    ),
    CaseAct(
        code="resume", title=_("Let the clock run"), icon="play", form=forms.ResumeForm, kind="primary", key="p", done=_("The clock runs again."),
        run=lambda by, at, case, data, papers: operations.resume_case(by=by, at=at, case_id=case.pk, text=data["text"]),
    ),
    CaseAct(
        code="join", title=_("Ask others to join"), icon="users", form=forms.JoinForm, kind="primary", key="c", done=_("Asked."),
        lead=_("Each unit has its own task on its own clock. Where the case waits for it, you can report the result only after it has reported."),
        run=lambda by, at, case, data, papers: operations.join_case(
            by=by, at=at, case_id=case.pk, organ_id=data["organ"], task=data["task"], required=data["required"], is_order=data["is_order"], limit=_limit(data)
        ),
    ),
    CaseAct(
        code="suspend", title=_("Stop the clock"), icon="circle-pause", form=forms.SuspendForm, kind="primary", key="p", done=_("The clock is stopped."),
        lead=_("Only a lawful ground stops a clock. Ground, rule and reason stand on the case for everybody."),
        run=lambda by, at, case, data, papers: operations.suspend_case(
            by=by, at=at, case_id=case.pk, ground=data["ground"], basis=data["basis"], reason=data["reason"]
        ),
    ),
    CaseAct(
        code="return", title=_("Return"), icon="undo-2", form=forms.ReturnForm, kind="danger", key="r", done=_("Returned."),
        lead=_("The first two returns go to the dispatcher, the third to the committee. Every return is counted by unit and category."),
        run=lambda by, at, case, data, papers: operations.return_case(by=by, at=at, case_id=case.pk, reason=data["reason"], clause=data["clause"]),
    ),
    CaseAct(
        code="extend", title=_("Grant more time"), icon="clock", form=forms.ExtendForm, kind="primary", key="e", done=_("More time is granted."),
        lead=_("Only before the due time and below the ceiling of the rule. It is counted as extended, never as on time."),
        run=lambda by, at, case, data, papers: operations.extend_case(
            by=by, at=at, case_id=case.pk, amount=data["amount"], basis=data["basis"], reason=data["reason"]
        ),
    ),
    CaseAct(
        code="close", title=_("Close the case"), icon="stamp", form=forms.CloseForm, kind="primary", done=_("Closed."),
        run=lambda by, at, case, data, papers: operations.close_case(by=by, at=at, case_id=case.pk, outcome=data["outcome"]),
    ),
    CaseAct(
        code="close_unverified", title=_("Close without a check"), icon="stamp", form=forms.CloseUnverifiedForm, kind="danger",
        done=_("Closed without a check."),
        lead=_("The case shows for ever that nobody checked it."),
        run=lambda by, at, case, data, papers: operations.close_case(by=by, at=at, case_id=case.pk, outcome=data["outcome"]),
    ),
    CaseAct(
        code="reclassify", title=_("Change the category"), icon="tag", form=forms.ReclassifyForm, kind="primary", done=_("The category is changed."),
        lead=_("The clock keeps its start and takes the limit of the new category."),
        run=lambda by, at, case, data, papers: operations.reclassify_case(
            by=by, at=at, case_id=case.pk, category_id=data["category"], reason=data["reason"]
        ),
    ),
    CaseAct(
        code="merge", title=_("Merge into another case"), icon="git-merge", form=forms.MergeForm, kind="primary", key="m", done=_("Merged."),
        lead=_("Everybody who raised it follows the other case from now on and rates it."),
        run=lambda by, at, case, data, papers: operations.merge_case(by=by, at=at, case_id=case.pk, into_id=data["into"].pk, text=data["text"]),
    ),
    CaseAct(
        code="reject", title=_("Do not accept"), icon="ban", form=forms.RejectForm, kind="danger", done=_("Not accepted."),
        run=lambda by, at, case, data, papers: operations.reject_case(by=by, at=at, case_id=case.pk, reason=data["reason"], basis=data["basis"]),
    ),
    CaseAct(
        code="refer", title=_("Refer"), icon="corner-down-right", form=forms.ReferForm, kind="primary", done=_("Referred."),
        lead=_("The case goes on as another kind, with its history."),
        run=lambda by, at, case, data, papers: operations.refer_case(by=by, at=at, case_id=case.pk, to_kind=data["to_kind"], reason=data["reason"]),
    ),
    CaseAct(
        code="rate", title=_("Rate"), icon="star", form=forms.RateForm, kind="primary", done=_("Thank you. Your rating stands and nobody can withdraw it."),
        lead=_("Once per case. After one of the two lowest levels the town answers within one working day."),
        run=lambda by, at, case, data, papers: operations.rate_case(
            by=by, at=at, case_id=case.pk, level=data["level"], tags=data["tags"], text=data["text"], solved=data["solved"]
        ),
    ),
    CaseAct(
        code="reopen", title=_("Reopen"), icon="rotate-ccw", form=forms.ReopenForm, kind="primary", done=_("Reopened."),
        run=lambda by, at, case, data, papers: operations.reopen_case(by=by, at=at, case_id=case.pk, reason=data["reason"]),
    ),
    CaseAct(
        code="note", title=_("Add a note"), icon="message-square", form=forms.NoteForm, kind="primary", key="n", done=_("Noted."),
        run=lambda by, at, case, data, papers: operations.note_case(
            by=by, at=at, case_id=case.pk, text=data["text"], internal=data.get("internal", False), attachment_ids=papers
        ),
    ),
    CaseAct(
        code="urge", title=_("Urge"), icon="bell", form=forms.UrgeForm, kind="primary", key="u", done=_("Urged."),
        run=lambda by, at, case, data, papers: operations.urge_case(by=by, at=at, case_id=case.pk, text=data["text"]),
    ),
    CaseAct(
        code="withdraw", title=_("Withdraw"), icon="undo-2", form=forms.WithdrawForm, kind="danger", done=_("Withdrawn."),
        run=lambda by, at, case, data, papers: operations.withdraw_case(by=by, at=at, case_id=case.pk, reason=data["reason"]),
    ),
    CaseAct(
        code="join_answer", title=_("Report on your task"), icon="check", form=forms.JoinAnswerForm, kind="primary", key="a", done=_("Reported."),
        lead=_("Your unit's clock ends here; the leading unit reads it at once."),
        run=lambda by, at, case, data, papers: operations.answer_join(
            by=by, at=at, task_id=data["task"], result=data["result"], verdict=data["verdict"], attachment_ids=papers
        ),
    ),
    CaseAct(
        code="decide", title=_("Decide"), icon="stamp", form=forms.DecideForm, kind="primary", done=_("Decided."),
        run=lambda by, at, case, data, papers: operations.decide_case(
            by=by, at=at, case_id=case.pk, result=data["result"], public_text=data["text"], internal_text=data["internal_text"], clause=data["clause"],
            attachment_ids=papers, papers=data.get("papers") or {},
        ),
    ),
    CaseAct(
        code="join_return", title=_("Return the task"), icon="undo-2", form=forms.JoinReturnForm, kind="danger", done=_("Returned."),
        lead=_("The leading unit gives it to another one or does without it."),
        run=lambda by, at, case, data, papers: operations.return_task(by=by, at=at, task_id=data["task"], reason=data["reason"]),
    ),
    CaseAct(
        code="join_give_on", title=_("Give the task to another unit"), icon="send", form=forms.JoinGiveOnForm, kind="primary", done=_("Given on."),
        run=lambda by, at, case, data, papers: operations.give_task_on(
            by=by, at=at, task_id=data["task"], organ_id=data["organ"], reason=data["reason"]
        ),
    ),
    CaseAct(
        code="join_stop", title=_("Stop the task's clock"), icon="circle-pause", form=forms.JoinStopForm, kind="primary", done=_("The clock is stopped."),
        lead=_("Only your unit's clock stops; the clock of whoever applied runs on."),
        run=lambda by, at, case, data, papers: operations.stop_task(
            by=by, at=at, task_id=data["task"], ground=data["ground"], basis=data["basis"], reason=data["reason"]
        ),
    ),
    CaseAct(
        code="join_resume", title=_("Let the task's clock run"), icon="play", form=forms.JoinResumeForm, kind="primary", done=_("The clock runs again."),
        run=lambda by, at, case, data, papers: operations.resume_task(by=by, at=at, task_id=data["task"], text=data["text"]),
    ),
    CaseAct(
        code="end_party", title=_("End a part in this case"), icon="user-x", form=forms.EndPartyForm, kind="danger", done=_("Ended."),
        lead=_("An authority that is revoked, somebody who leaves the application."),
        run=lambda by, at, case, data, papers: operations.end_party(by=by, at=at, party_id=data["party"], reason=data["reason"]),
    ),
    CaseAct(
        code="call_back", title=_("Called back"), icon="phone", form=forms.CallBackForm, kind="primary", done=_("Kept."), run=_follow_up("called"),
        lead=_("What whoever rated it badly said on the telephone. Who left no number reads your written answer where they follow the case."),
    ),
    CaseAct(
        code="put_right", title=_("Put right"), icon="badge-check", form=forms.PutRightForm, kind="primary", done=_("Published."), run=_follow_up("put_right"),
    ),
    CaseAct(
        code="place", title=_("Say where it is"), icon="map-pin", form=forms.PlaceForm, kind="primary", key="l", done=_("Placed."),
        lead=_("It lies in no grid. Set the pin or choose the grid; the responsibility list is then asked again."),
        run=lambda by, at, case, data, papers: operations.place_case(
            by=by, at=at, case_id=case.pk, area_id=data["area"], longitude=data["longitude"], latitude=data["latitude"], address=data["address"]
        ),
    ),
    CaseAct(
        code="raise_severity", title=_("Raise the severity"), icon="triangle-alert", form=forms.SeverityForm, kind="primary", done=_("Raised."),
        run=lambda by, at, case, data, papers: operations.raise_severity(by=by, at=at, case_id=case.pk, severity=data["severity"], reason=data["reason"]),
    ),
    CaseAct(
        code="move_procedure", title=_("Move to another version of the procedure"), icon="route", form=forms.MoveProcedureForm, kind="primary",
        done=_("Moved."),
        run=lambda by, at, case, data, papers: operations.move_to_procedure(
            by=by, at=at, case_id=case.pk, procedure_id=data["procedure"], reason=data["reason"]
        ),
    ),
    CaseAct(
        code="show_contact", title=_("Show the contact"), icon="eye", form=forms.ShowContactForm, kind="primary", done="",
        lead=_("Telephone and name are sealed. Who looks, when and what for stands in the ledger."),
        run=lambda by, at, case, data, papers: operations.show_raiser(by=by, at=at, case_id=case.pk, purpose=data["purpose"], field=data["field"]),
    ),
    CaseAct(
        code="follow", title=_("Follow this case"), icon="bookmark", form=forms.FollowForm, kind="primary", done=_("You follow this case now."),
        lead=_("Instead of raising the same again: you hear of each step and rate it in the end."),
        run=lambda by, at, case, data, papers: operations.follow_case(by=by, at=at, case_id=case.pk),
    ),
)  # fmt: skip
BY_CODE = {face.code: face for face in FACES}


def decide(face: CaseAct, *, by: Actor, at: datetime, case: "Case", data: dict[str, Any], papers: Sequence[int] = (), version: int | None) -> Any:
    """Do an act that was decided on a version of the case (None: unknown). What leaves other decisions standing is done on any version."""
    with operations.decided_on(case.pk, None if face.is_quiet else version):
        return face.run(by, at, case, data, papers)


class ActDeclaredTwice(RuntimeError):
    """Two modules bring an act of the same code."""


def register(act: CaseAct) -> CaseAct:
    """Make an act of a kind known; refuse a second one of the same code, and one that no rule guards."""
    if act.may is None or act.kinds is None:
        raise ValueError(f"{act.code}: an act of a kind names its kinds and its rule")
    if act.code in BY_CODE and BY_CODE[act.code] != act:
        raise ActDeclaredTwice(act.code)
    BY_CODE[act.code] = act
    KIND_ACT_WORDS[act.code] = (act.word or act.title, act.chip, act.icon)
    return act


def face_of(slug: str) -> CaseAct | None:
    """Return the act with this name in addresses (verify-pass) or in the engine (verify_pass), or None."""
    return BY_CODE.get(slug.replace("-", "_")) or next((act for act in BY_CODE.values() if act.slug == slug), None)


def now(*, seen_by: Actor, case: "Case", at: datetime, tasks: "Sequence[Task] | None" = None) -> list[CaseAct]:
    """Return what this actor may do with the case now, most useful first; `tasks` are those of the case, where they are known.

    Each named result that may be given now is an act of its own.
    """
    found = []
    for code in codes_now(seen_by=seen_by, case=case, at=at, tasks=tasks):
        if code == "decide":
            found += [
                replace(BY_CODE[code], title=result.words(get_language() or "zh"), given=(("result", result.code),), kind=_kind_of_result(result))
                for result in queries.results_now(seen_by=seen_by, case=case)
            ]
        else:
            found.append(BY_CODE[code])
    return found


def _kind_of_result(result: "Result") -> str:
    return "danger" if result.type == "negative" else "primary"


def codes_now(*, seen_by: Actor, case: "Case", at: datetime, tasks: "Sequence[Task] | None" = None) -> list[str]:
    """Return the codes of what this actor may do with the case now, most useful first."""
    if case.is_merged:
        return [code for code in queries.may_now(seen_by=seen_by, case=case) if code in BY_CODE]
    found = [code for code in queries.may_now(seen_by=seen_by, case=case) if code in BY_CODE]
    first = []
    if case.is_open and (seen_by.is_signed_in or seen_by.party_ids):
        first += _task_acts(seen_by, case, tasks)
    if queries.results_now(seen_by=seen_by, case=case):
        first.append("decide")
    first += [act.code for act in BY_CODE.values() if act.kinds is not None and case.kind in act.kinds and act.may is not None and act.may(seen_by, case)]
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
    if case.is_open and queries.parties_to_end(seen_by=seen_by, case=case):
        last.append("end_party")
    if is_lawful(case.state, Act.FOLLOW) and seen_by.person_id and not rules.is_party(seen_by, case) and rules.may_follow(seen_by, case):
        last.append("follow")
    return [*dict.fromkeys([*first, *found, *last])]


def _task_acts(seen_by: Actor, case: "Case", tasks: "Sequence[Task] | None") -> list[str]:
    known = queries.tasks_of_case(seen_by=seen_by, case=case) if tasks is None else tasks
    acts: list[str] = []
    for task in known:
        if task.is_waiting and rules.may_answer_join(seen_by, task):
            acts += ["join_resume" if task.is_stopped else "join_answer", *([] if task.is_stopped else ["join_stop", "join_return"] if task.code else [])]
        elif task.state == "returned" and rules.may_join(seen_by, case):
            acts.append("join_give_on")
    return acts


def _has_other_versions(seen_by: Actor, case: "Case") -> bool:
    variant = case.procedure.variant if case.procedure else ""
    return queries.procedure_versions(seen_by=seen_by, kind=case.kind, variant=variant).exclude(pk=case.procedure_id or 0).exists()
