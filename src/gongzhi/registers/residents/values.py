"""What a resident's fields may hold, judged in one way wherever they come from: a form, a file, the API, a visit. Pure, but for words."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from gongzhi.foundation.people import sealing
from gongzhi.kernel.operation import Refused
from gongzhi.registers.record.fields import Field
from gongzhi.registers.residents import numbers

TITLE = _("Residents")
OLDEST = 130  # years; nobody known has lived longer than 122
DOCUMENTS = (
    ("id_card", _("Resident identity card")), ("hmt_residence", _("Residence permit of Hong Kong, Macao or Taiwan residents")),
    ("foreign_residence", _("Foreign permanent resident card")), ("passport", _("Passport")), ("hk_macao_pass", _("Mainland travel permit (Hong Kong, Macao)")),
    ("taiwan_pass", _("Mainland travel permit (Taiwan)")), ("birth_certificate", _("Birth certificate")),
)  # fmt: skip
SEXES = (("1", _("male")), ("2", _("female")), ("0", _("unknown")), ("9", _("unsaid")))  # GB/T 2261.1
STANDINGS = (("registered", _("registered here")), ("moving", _("living here, registered elsewhere")), ("unregistered", _("registered nowhere")), ("foreign", _("from abroad")))
RELATIONS = (
    ("head", _("head of the household")), ("spouse", _("spouse")), ("child", _("child")), ("child_in_law", _("child-in-law")), ("grandchild", _("grandchild")),
    ("parent", _("parent")), ("grandparent", _("grandparent")), ("sibling", _("brother or sister")), ("kin", _("other kin")), ("lodger", _("not kin")),
)  # fmt: skip


class Standing(models.TextChoices):
    REGISTERED = "registered", "户籍"
    MOVING = "moving", "流动"
    UNREGISTERED = "unregistered", "未落户"
    FOREIGN = "foreign", "境外"


FIELDS: tuple[Field, ...] = (
    Field("name", _("Name"), sealed=True, heads=("姓名", "名字", "居民姓名", "人员姓名", "full name")),
    Field("document", _("Document"), "choice", DOCUMENTS, heads=("证件类型", "证件种类", "证件名称"), words={
        "居民身份证": "id_card", "身份证": "id_card", "二代身份证": "id_card", "港澳台居民居住证": "hmt_residence", "外国人永久居留身份证": "foreign_residence",
        "护照": "passport", "外国护照": "passport", "港澳居民来往内地通行证": "hk_macao_pass", "回乡证": "hk_macao_pass", "台湾居民来往大陆通行证": "taiwan_pass",
        "台胞证": "taiwan_pass", "出生医学证明": "birth_certificate",
    }),
    Field("number", _("Document number"), "number", sealed=True, heads=("身份证号", "身份证号码", "公民身份号码", "公民身份证号", "证件号码", "证件号", "身份证", "id number", "identity number")),
    Field("sex", _("Sex"), "choice", SEXES, heads=("性别",), words={"男": "1", "男性": "1", "女": "2", "女性": "2", "未知": "0", "未说明": "9", "M": "1", "F": "2"}),
    Field("birth", _("Birth"), "date", heads=("出生日期", "生日", "出生年月日", "出生", "date of birth")),
    Field("nationality", _("Nationality"), heads=("国籍", "国家地区", "国家代码")),
    Field("ethnicity", _("Ethnic group"), heads=("民族",)),
    Field("standing", _("Standing"), "choice", STANDINGS, heads=("人口类型", "人员类别", "人员类型", "居住类型"), words={
        "户籍": "registered", "户籍人口": "registered", "常住": "registered", "常住户籍": "registered", "流动": "moving", "流动人口": "moving", "外来人口": "moving",
        "未落户": "unregistered", "未落户人口": "unregistered", "境外": "foreign", "境外人员": "foreign", "外籍": "foreign", "外国人": "foreign",
    }),
    Field("phone", _("Telephone"), "phone", sealed=True, heads=("手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "phone number")),
    Field("origin", _("Place of registration"), heads=("户籍地", "户籍地址", "户口所在地", "籍贯", "户籍所在地")),
    Field("household", _("Household number"), heads=("户号", "户编号", "家庭编号", "户口簿号")),
    Field("relation", _("To the head of the household"), "choice", RELATIONS, heads=("与户主关系", "关系", "户主关系"), words={
        "户主": "head", "本人": "head", "配偶": "spouse", "夫": "spouse", "妻": "spouse", "丈夫": "spouse", "妻子": "spouse", "子": "child", "女": "child",
        "子女": "child", "儿子": "child", "女儿": "child", "长子": "child", "次子": "child", "长女": "child", "次女": "child", "独生子": "child", "独生女": "child",
        "儿媳": "child_in_law", "女婿": "child_in_law", "孙子": "grandchild", "孙女": "grandchild", "孙子女": "grandchild", "外孙": "grandchild",
        "外孙女": "grandchild", "父": "parent", "母": "parent", "父亲": "parent", "母亲": "parent", "父母": "parent", "岳父": "parent", "岳母": "parent",
        "公公": "parent", "婆婆": "parent", "祖父": "grandparent", "祖母": "grandparent", "外祖父": "grandparent", "外祖母": "grandparent", "祖父母": "grandparent",
        "兄弟": "sibling", "姐妹": "sibling", "兄": "sibling", "弟": "sibling", "姐": "sibling", "妹": "sibling", "兄弟姐妹": "sibling", "其他亲属": "kin",
        "亲属": "kin", "非亲属": "lodger", "合租": "lodger", "租客": "lodger", "其他": "kin",
    }),
    Field("address", _("Home"), heads=("现住址", "住址", "居住地址", "现居住地", "地址", "房屋地址", "居住地")),
    Field("grid", _("Grid"), heads=("网格编码", "网格代码", "所属网格编码")),
    Field("longitude", _("Longitude"), heads=("经度", "lon", "lng")),
    Field("latitude", _("Latitude"), heads=("纬度", "lat")),
    Field("tenure", _("How it is lived in"), "choice", (("own", _("by its owner")), ("let", _("let")), ("lent", _("lent")), ("dormitory", _("dormitory"))),
          heads=("房屋性质", "居住方式", "是否出租", "房屋用途"),
          words={"自住": "own", "自有": "own", "自有住房": "own", "否": "own", "出租": "let", "租赁": "let", "租房": "let", "是": "let", "借住": "lent", "宿舍": "dormitory", "集体宿舍": "dormitory"}),
    Field("since", _("Lives there since"), "date", heads=("入住日期", "居住起始日期", "迁入日期", "来本地日期", "入住时间")),
    Field("left_on", _("Moved away on"), "date", heads=("迁出日期", "离开日期", "搬离日期", "注销日期")),
    Field("died_on", _("Died on"), "date", heads=("死亡日期", "去世日期")),
)  # fmt: skip
BY_CODE = {one.code: one for one in FIELDS}
OWN = ("name", "document", "number", "sex", "birth", "nationality", "ethnicity", "standing", "phone", "origin", "died_on", "left_on")  # of the person, not of the home
SEALED = ("name", "number", "phone", "origin")


class BadValue(Refused):
    """A value that cannot be; the sentence says why and the field is named."""

    sentence = _("%(why)s")


@dataclass(frozen=True, slots=True)
class Wrong:
    """One field that cannot be as it stands."""

    field: str
    text: str
    why: str


@dataclass(slots=True)
class Read:
    """A row or form as it was read: typed values by field, and what is wrong with it."""

    values: dict[str, Any] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    def text(self, name: str) -> str:
        """Return a value as it is told in a statement."""
        value = self.values.get(name, "")
        return value.isoformat() if isinstance(value, date) else "" if value is None else str(value)


def plain_name(text: str) -> str:
    """Return a name as it is kept: one width, one kind of middle dot, single spaces."""
    text = unicodedata.normalize("NFKC", text)
    text = re.sub(r"[·•・‧∙⋅.]", "·", text) if re.search(r"[㐀-鿿\U00020000-\U0003ffff]", text) else text
    return re.sub(r"\s+", " ", text).strip()


def name_key(name: str) -> str:
    """Return a name as it is found by: without spaces and dots, in one case."""
    return re.sub(r"[\s·.,'-]+", "", plain_name(name)).casefold()


def day(text: str) -> date:
    """Return a day as files write it: 2001-02-03, 2001/2/3, 2001.2.3, 20010203, 2001年2月3日; raise ValueError."""
    found = re.fullmatch(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?: 00:00(?::00)?)?|(\d{4})(\d{2})(\d{2})", unicodedata.normalize("NFKC", text).strip())
    if not found:
        raise ValueError(text)
    year, month, of_month = found.group(1) or found.group(4), found.group(2) or found.group(5), found.group(3) or found.group(6)
    return date(int(year), int(month), int(of_month))


_NAME = re.compile(r"[^\W\d_](?:[^\d_<>@#$%^&*=+|\\/\"]{0,58}[^\W_])?")


def _why_number(error: numbers.BadNumber) -> str:
    if error.why == "check":
        return _now("The check digit of the number is wrong; one of its digits is mistyped.")
    if error.why == "birth":
        return _now("The birth in the number is no day of the calendar.")
    if error.why == "province":
        return _now("The number begins with no division of the country.")
    return _now("The number does not have the form of this document.")


def read(given: Mapping[str, str], today: date) -> Read:
    """Return the typed values of a resident's fields and everything that is wrong with them; empty texts are left out. `today`: of the town."""
    found = Read()

    def wrong(name: str, why: str) -> None:
        found.wrong.append(Wrong(name, str(given.get(name, "")), why))

    for name, raw in given.items():
        text = str(raw).strip()
        one = BY_CODE.get(name)
        if one is None or not text:
            continue
        if "\0" in text or len(text) > 200:
            wrong(name, _now("This is too long, or holds a sign that cannot be kept."))
        elif one.sort == "choice":
            code = text if text in dict(one.choices) else one.words.get(text, "")
            if code:
                found.values[name] = code
            else:
                wrong(name, _now("“%(text)s” is none of: %(all)s.") % {"text": text[:20], "all": ", ".join(str(word) for _code, word in one.choices)})
        elif one.sort == "date":
            try:
                found.values[name] = day(text)
            except ValueError:
                wrong(name, _now("“%(text)s” is no day of the calendar, such as 2001-02-03.") % {"text": text[:20]})
        elif name == "name":
            if _NAME.fullmatch(plain_name(text)):
                found.values[name] = plain_name(text)
            else:
                wrong(name, _now("This is not the name of a person."))
        elif name == "phone":
            phone = sealing.plain_phone(text)
            if 5 <= len(phone) <= 20 and phone.isascii() and phone.isdigit():
                found.values[name] = phone
            else:
                wrong(name, _now("This is not a phone number; please check its digits."))
        elif name in ("longitude", "latitude"):
            try:
                value = float(text)
            except ValueError:
                value = float("nan")
            if abs(value) <= (180 if name == "longitude" else 90):
                found.values[name] = value
            else:
                wrong(name, _now("This is not a place on the map in degrees."))
        elif name != "number":
            found.values[name] = re.sub(r"\s+", " ", text)
    _read_number(given, found, wrong)
    _agree(found, wrong, today)
    return found


def _read_number(given: Mapping[str, str], found: Read, wrong: Any) -> None:
    if not str(given.get("number", "")).strip():
        return
    try:
        number = numbers.read(str(given["number"]), found.values.get("document", ""))
    except numbers.BadNumber as error:
        wrong("number", _why_number(error))
        return
    found.values["number"], found.values["document"] = number.number, number.document
    if number.birth is not None:
        told = found.values.get("birth")
        if told is not None and told != number.birth:
            wrong("birth", _now("The birth is not the one in the number."))
        found.values["birth"] = number.birth
    if number.sex:
        told = found.values.get("sex")
        if told in ("1", "2") and told != number.sex:
            wrong("sex", _now("The sex is not the one in the number."))
        found.values["sex"] = number.sex
    if number.document in ("foreign_residence", "passport"):
        found.values.setdefault("standing", "foreign")


def _agree(found: Read, wrong: Any, today: date) -> None:
    """Judge what the days say of each other."""
    birth = found.values.get("birth")
    if birth is not None and birth > today:
        wrong("birth", _now("The birth lies in the future."))
    elif birth is not None and today.year - birth.year > OLDEST:
        wrong("birth", _now("Nobody has lived that long; please check the year."))
    for name in ("since", "left_on", "died_on"):
        value = found.values.get(name)
        if value is None:
            continue
        if value > today:
            wrong(name, _now("This day lies in the future."))
        elif birth is not None and value < birth:
            wrong(name, _now("This day lies before the birth."))
    if (since := found.values.get("since")) and (left := found.values.get("left_on")) and left < since:
        wrong("left_on", _now("This day lies before the one from which they live there."))


def checked(given: Mapping[str, str], today: date) -> Read:
    """Return the values as `read` does; raise BadValue for the first that is wrong."""
    found = read(given, today)
    if found.wrong:
        raise BadValue(field=found.wrong[0].field, why=found.wrong[0].why)
    return found


def address_key(address: str) -> str:
    """Return an address as it is found by: one width, without spaces, one kind of dash."""
    return re.sub(r"[\s,，。]+", "", re.sub(r"[—–－~～]+", "-", unicodedata.normalize("NFKC", address))).casefold()[:200]
