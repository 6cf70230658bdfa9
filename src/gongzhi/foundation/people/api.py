"""One's own account, and log-ins for administrators. What concerns a log-in itself wants its owner's session, not a token."""

from datetime import datetime
from typing import Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Field, Router, Schema

from gongzhi.foundation.people import joint, operations, queries, rules
from gongzhi.kernel.api import needs
from gongzhi.kernel.web import actor_of, admit

router = Router(tags=["people"])


class IdentityOut(Schema):
    """An identity at an OpenID provider by which one may sign in."""

    id: int
    issuer: str
    linked_at: datetime


class ErasureOut(Schema):
    """A request for erasure: waiting, approved, declined, withdrawn or done."""

    id: int
    state: str
    asked_at: datetime
    due_at: datetime
    needs_decision: bool
    ground: str


class ErasureIn(Schema):
    """The confirmation: the password where there is one, the second factor where it is on."""

    present: str = Field("", max_length=200)
    code: str = Field("", max_length=20)


class CodeIn(Schema):
    """The code that was sent."""

    code: str = Field(max_length=12)


class TriedOut(Schema):
    """What came of a code."""

    is_proved: bool
    tries_left: int


class LoginOut(Schema):
    """A log-in of the town."""

    id: int
    username: str
    person_id: int | None
    public_name: str
    is_active: bool
    must_use_second_factor: bool
    has_second_factor: bool
    last_login: datetime | None

    @staticmethod
    def resolve_public_name(user: Any) -> str:
        return str(user.person) if user.person else ""

    @staticmethod
    def resolve_has_second_factor(user: Any) -> bool:
        return bool(getattr(user, "has_factor", False))


class LoginIn(Schema):
    """A log-in to make for one of the staff or a firm's contact."""

    username: str = Field(max_length=60)
    name: str = Field(max_length=40)
    public_name: str = Field(max_length=40)
    phone: str = Field("", max_length=30)
    kind: Literal["staff", "enterprise"] = "staff"
    must_use_second_factor: bool = True


class PasswordOut(Schema):
    """A log-in with its first or new password, which is shown this once."""

    login: LoginOut
    password: str


class DecisionIn(Schema):
    """A decision on a request for erasure; declining needs its ground."""

    approved: bool
    ground: str = Field("", max_length=300)


@router.get("/account/identities", response=list[IdentityOut], summary="My identities")
def identities(request: HttpRequest) -> Any:
    """List the caller's own identities at OpenID providers."""
    return list(queries.identities(seen_by=actor_of(request)))


@router.delete("/account/identities/{int:identity_id}", response={204: None}, summary="Unlink an identity")
def unlink(request: HttpRequest, identity_id: int) -> Any:
    """Take an identity away from one's own log-in; the last way in stays."""
    operations.unlink_identity(by=actor_of(request), at=timezone.now(), identity_id=identity_id)
    return 204, None


@router.post("/account/phone/code", response={202: None}, summary="Have a code sent to my number")
def send_code(request: HttpRequest) -> Any:
    """Make a code and send it to the caller's own number."""
    operations.ask_phone_code(by=actor_of(request), at=timezone.now())
    return 202, None


@router.post("/account/phone/proof", response=TriedOut, summary="Prove my number")
def prove(request: HttpRequest, given: CodeIn) -> Any:
    """Type the code that was sent."""
    return operations.prove_phone(by=actor_of(request), at=timezone.now(), code=given.code)


@router.get("/account/erasure", response=ErasureOut | None, summary="My request for erasure")
def my_erasure(request: HttpRequest) -> Any:
    """Tell how the caller's newest request stands; null where there is none."""
    return queries.erasure_of(seen_by=actor_of(request))


@router.post("/account/erasure", response={201: ErasureOut}, summary="Ask for erasure")
def ask_erasure(request: HttpRequest, given: ErasureIn) -> Any:
    """Ask that one's own details be erased after the cooling-off period."""
    return 201, operations.ask_erasure(by=actor_of(request), at=timezone.now(), present=given.present, code=given.code)


@router.delete("/account/erasure", response={204: None}, summary="Take my request back")
def withdraw_erasure(request: HttpRequest) -> Any:
    """Take one's own request back."""
    operations.withdraw_erasure(by=actor_of(request), at=timezone.now())
    return 204, None


# ---- administration -------------------------------------------------------------------------------------------------
@router.get("/logins", response=list[LoginOut], summary="Log-ins")
@needs("town:read")
def logins(request: HttpRequest, q: str = "", everybody: bool = False) -> Any:
    """List log-ins of staff, or everybody's; at most 200."""
    admit(rules.may_see_logins, actor_of(request))
    return list(queries.logins(seen_by=actor_of(request), text=q[:60], staff_only=not everybody)[:200])


@router.post("/logins", response={201: PasswordOut}, summary="Make a log-in")
@needs("town:write")
def employ(request: HttpRequest, response: HttpResponse, given: LoginIn) -> Any:
    """Register one of the staff and give them a log-in; the answer is not kept, so that the password is nowhere."""
    response["Cache-Control"] = "no-store"
    user, password = operations.employ(by=actor_of(request), at=timezone.now(), **given.dict())
    return 201, {"login": user, "password": password}


@router.post("/logins/{int:user_id}/lock", response=LoginOut, summary="Lock a log-in")
@needs("town:write")
def lock(request: HttpRequest, user_id: int) -> Any:
    """Lock a log-in; its sessions and tokens are of no use from this moment."""
    return operations.lock_login(by=actor_of(request), at=timezone.now(), user_id=user_id)


@router.post("/logins/{int:user_id}/unlock", response=LoginOut, summary="Unlock a log-in")
@needs("town:write")
def unlock(request: HttpRequest, user_id: int) -> Any:
    """Unlock a log-in and forget its failed tries."""
    return operations.unlock_login(by=actor_of(request), at=timezone.now(), user_id=user_id)


@router.post("/logins/{int:user_id}/end-sessions", response=LoginOut, summary="Sign a log-in out everywhere")
@needs("town:write")
def end_sessions(request: HttpRequest, user_id: int) -> Any:
    """End every session of a log-in."""
    return operations.end_sessions(by=actor_of(request), at=timezone.now(), user_id=user_id)


@router.post("/logins/{int:user_id}/reset-second-factor", response=LoginOut, summary="Take a second factor away")
@needs("town:write")
def reset_second_factor(request: HttpRequest, user_id: int) -> Any:
    """Take away the second factor of somebody who has lost it."""
    return operations.reset_second_factor(by=actor_of(request), at=timezone.now(), user_id=user_id)


@router.post("/logins/{int:user_id}/reset-password", response=PasswordOut, summary="Give a new password")
@needs("town:write")
def reset_password(request: HttpRequest, response: HttpResponse, user_id: int) -> Any:
    """Give a log-in a new password, which is shown this once; the answer is not kept."""
    response["Cache-Control"] = "no-store"
    user, password = operations.reset_password(by=actor_of(request), at=timezone.now(), user_id=user_id)
    return {"login": user, "password": password}


@router.get("/erasures", response=list[ErasureOut], summary="Requests for erasure")
@needs("town:read")
def erasures(request: HttpRequest, open_only: bool = True) -> Any:
    """List requests for erasure, newest first; at most 200."""
    admit(rules.may_decide_erasure, actor_of(request))
    return list(queries.erasures(seen_by=actor_of(request), open_only=open_only)[:200])


@router.post("/erasures/{int:request_id}/decision", response=ErasureOut, summary="Decide on a request for erasure")
@needs("town:write")
def decide(request: HttpRequest, request_id: int, given: DecisionIn) -> Any:
    """Approve a request, or decline it with its ground."""
    return operations.decide_erasure(by=actor_of(request), at=timezone.now(), request_id=request_id, approved=given.approved, ground=given.ground)


# ---- acts that take two people --------------------------------------------------------------------------------------
class JointOut(Schema):
    """An act that takes two people: asked for by one, done when another confirms."""

    id: int
    act: str
    title: str
    content: dict[str, Any]
    concerns_id: int | None
    asked_by_id: int
    asked_at: datetime
    lapses_at: datetime
    state: str

    @staticmethod
    def resolve_title(asked: Any) -> str:
        return str(joint.known(asked.act).title)


class JointIn(Schema):
    """What to do with a log-in that takes two people."""

    act: Literal["reset_password", "reset_second_factor"]


class JointDecisionIn(Schema):
    """Confirm as the second person, or decline."""

    confirmed: bool


class JointDoneOut(Schema):
    """What came of it; a new password is shown this once."""

    request: JointOut
    password: str = ""


@router.get("/joint-acts", response=list[JointOut], summary="Acts that wait for a second person")
@needs("town:read")
def joint_acts(request: HttpRequest) -> Any:
    """List what waits for a second person and the caller may confirm; at most 200."""
    admit(rules.may_see_joint_acts, actor_of(request))
    return list(queries.joint_requests(seen_by=actor_of(request), at=timezone.now())[:200])


@router.post("/logins/{int:user_id}/joint", response={201: JointOut}, summary="Ask for a change of a log-in that takes two people")
@needs("town:write")
def ask_joint(request: HttpRequest, user_id: int, given: JointIn) -> Any:
    """Ask for a new password or for a second factor to be taken away, where the log-in's holder has critical abilities."""
    user = queries.user_for(seen_by=actor_of(request), user_id=user_id)
    return 201, operations.ask_joint_act(
        by=actor_of(request), at=timezone.now(), act=given.act, content={"user_id": user_id}, concerns_id=user.person_id
    )


@router.post("/joint-acts/{int:request_id}/decision", response=JointDoneOut, summary="Confirm or decline an act of two")
@needs("town:write")
def decide_joint(request: HttpRequest, response: HttpResponse, request_id: int, given: JointDecisionIn) -> Any:
    """Confirm as the second person, by which it is done, or decline. Wants the session of a person, not a token; the answer is not kept."""
    response["Cache-Control"] = "no-store"
    actor, at = actor_of(request), timezone.now()
    asked = queries.joint_request(seen_by=actor, request_id=request_id)
    if not given.confirmed:
        return {"request": operations.decline_joint_act(by=actor, at=at, request_id=asked.pk)}
    done, made = operations.confirm_joint_act(by=actor, at=at, request_id=asked.pk)
    return {"request": done, "password": made[1] if joint.known(done.act).shows else ""}
