"""An officer asks for three fields, two are granted for a year, a form is filled with them, the resident doubts one, it is put right, who used it is told."""

import re

import httpx
import pytest

from tests.journeys.conftest import PHONE
from tests.journeys.test_report_loop import act

pytestmark = pytest.mark.browser

NUMBER = "33999919560307128"  # of the demo's resident, without its check digit


def test_fields_are_asked_for_granted_used_doubted_put_right_and_who_used_them_is_told(installation, visit):
    from gongzhi.registers.residents.numbers import check_digit

    # an officer asks for three fields of the residents' register
    officer = visit("utilities")
    officer.goto("/exchange/catalogue/residents/")
    officer.locator("a[href='/exchange/ask/residents/']").first.click()
    officer.wait_for_url("**/exchange/ask/residents/")
    for field in ("name", "phone", "tenure"):
        officer.locator(f"input[name=fields_asked][value={field}]").check()
    officer.fill("[name=purpose]", "独居老人家中管道检修的预约")
    officer.fill("[name=basis]", "《老年人权益保障法》第六十五条")
    officer.locator("form.panel button[type=submit]").click()
    officer.wait_for_url(re.compile(r"/cases/\d{4}-\d+/$"))
    slug = officer.url.rstrip("/").rsplit("/", 1)[1]
    assert "享" in officer.content()

    # the unit that answers for them grants two, for a year; the third with its reason
    registrar = visit("registrar")
    registrar.goto(f"/cases/{slug}/data-request-answer/")
    registrar.locator("input[name=granted][value=tenure]").uncheck()
    registrar.fill("[name=reason]", "预约用不到居住方式")
    registrar.locator("form.actform button[type=submit]").first.click()
    registrar.wait_for_url(re.compile(rf"/cases/{slug}/(\?.*|#.*)?$"))
    assert "部分同意" in registrar.content()

    # a form is filled with the two, each with its source
    officer.goto(f"/cases/{slug}/")
    officer.locator("a[href^='/exchange/grants/']").first.click()
    officer.wait_for_url("**/exchange/grants/*/")
    grant = officer.url
    officer.locator("a[href$='/use/']").first.click()
    officer.fill("[name=shown]", NUMBER + check_digit(NUMBER))
    officer.fill("[name=purpose]", "检修单 2026-118")
    officer.locator("form.panel button[type=submit]").click()
    officer.wait_for_selector("#filled")
    assert officer.locator("#held-name").input_value() == "王秀兰"
    wrong = officer.locator("#held-phone").input_value()
    assert re.fullmatch(r"1\d{10}", wrong)
    assert "便民服务中心窗口登记" in officer.locator("#held-phone-source").inner_text()
    assert officer.locator("#held-tenure").count() == 0

    # the resident reads who was shown what for what, on a telephone, and doubts the number
    resident = visit("resident", PHONE)
    resident.goto("/account/record/")
    assert "检修单 2026-118" in resident.content()
    resident.locator("a[href*='/exchange/doubt/residents/'][href$='/phone/']").click()
    resident.fill("[name=reason]", "这个号码已经不用了")
    resident.fill("[name=proposed]", "13900000888")
    resident.locator("form.panel button[type=submit]").click()
    resident.wait_for_url(re.compile(r"/cases/\d{4}-\d+/$"))
    doubt = resident.url.rstrip("/").rsplit("/", 1)[1]
    assert "更" in resident.content()
    resident.goto("/account/record/")
    assert "存疑" in resident.content()
    assert httpx.get(f"{installation.address}/cases/{doubt}/").status_code == 404

    # it is put right by the unit that answers for it
    act(registrar, doubt, "correction-answer", outcome="corrected", value="13900000888", basis="本人来电，窗口核对身份证")
    resident.goto("/account/record/")
    assert "139****0888" in resident.content()

    # those who used the wrong value are told, and see the right one
    officer.goto("/notices/")
    officer.get_by_text("已更正，请重新核对").first.click()
    officer.wait_for_url("**/exchange/corrected/*/")
    assert "检修单 2026-118" in officer.content()
    officer.goto(f"{grant}use/")
    officer.fill("[name=shown]", NUMBER + check_digit(NUMBER))
    officer.fill("[name=purpose]", "检修单 2026-118")
    officer.locator("form.panel button[type=submit]").click()
    officer.wait_for_selector("#filled")
    assert officer.locator("#held-phone").input_value() == "13900000888"

    # another unit without a grant sees none of it; neither does anybody
    other = visit("ecology")
    assert other.goto(f"{grant}use/").status == 403
    anybody = visit()
    anybody.goto(grant)
    assert "独居老人家中管道检修的预约" in anybody.content()
    assert "检修单" not in anybody.content()
    told = httpx.get(f"{installation.address}/ledger/").text
    assert "13900000888" not in told
    assert wrong not in told
