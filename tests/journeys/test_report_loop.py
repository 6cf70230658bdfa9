"""A need from its report to a rated, provable result, in a real browser."""

import io
import json
import re
import subprocess
import sys
import time

import httpx
import pytest
from PIL import Image

from gongzhi.ledger import verify_proof
from tests.journeys.conftest import PHONE

pytestmark = pytest.mark.browser


def photo(tmp_path, name, colour):
    out = io.BytesIO()
    Image.new("RGB", (1200, 900), colour).save(out, "JPEG")
    file = tmp_path / name
    file.write_bytes(out.getvalue())
    return str(file)


def a_grid_of(installation, name):
    """Return (longitude, latitude) inside the first grid of a community."""
    told = httpx.get(f"{installation.address}/areas.geojson").json()["features"]
    community = next(area for area in told if area["properties"]["name"] == name)
    grid = next(area for area in told if area["properties"]["level"] == "grid" and area["properties"]["parent"] == community["id"])
    return grid["properties"]["label_point"]


def act(page, slug, name, **fields):
    """Do an act on its own page."""
    page.goto(f"/cases/{slug}/{name}/")
    for field, value in fields.items():
        target = page.locator(f"form.actform [name={field}]").first
        if field == "photos":
            target.set_input_files(value)
        elif target.evaluate("node => node.tagName") == "SELECT":
            target.evaluate(
                "(node, words) => { node.value = [...node.options].find((one) => one.textContent.includes(words)).value; }", value
            )
        elif target.get_attribute("type") in ("checkbox", "radio"):
            page.locator(f"form.actform [name={field}][value='{value}']" if value is not True else f"form.actform [name={field}]").first.check(force=True)
        else:
            target.fill(str(value))
    page.locator("form.actform button[type=submit]").first.click()
    page.wait_for_url(re.compile(rf"/cases/{slug}/(\?.*|#.*)?$"))


def test_a_bin_is_reported_returned_settled_handled_checked_offline_rated_and_proved(installation, visit, tmp_path):
    longitude, latitude = a_grid_of(installation, "溪西社区")

    # a resident reports, without a name
    resident = visit(viewport=PHONE)
    resident.goto("/report/")
    resident.set_input_files("#photos", photo(tmp_path, "bin.jpg", (90, 110, 80)))
    resident.wait_for_selector(".shots figure.photo img")
    resident.click("button[name=go][value=next]")
    resident.wait_for_url("**/report/place/")
    resident.evaluate(
        "([x, y]) => { document.querySelector('[name=longitude]').value = x; document.querySelector('[name=latitude]').value = y; }", [longitude, latitude]
    )
    resident.fill("#id_address", "溪西花苑东门")
    resident.locator("button[name=go][value=next]").click()
    resident.wait_for_url("**/report/words/")
    resident.fill("#id_text", "溪西花苑东门的垃圾桶满了两天没人收，味道很大，苍蝇很多")
    resident.wait_for_selector("#look :text('垃圾桶满溢')")
    for _try in range(2):  # the first time, what was suggested or may be the same is shown before anything is sent
        resident.locator("#words-form .flow-foot button[type=submit]").click()
        resident.wait_for_load_state()
        if "/report/sent/" in resident.url:
            break
    resident.wait_for_url("**/report/sent/**")
    number = resident.locator(".senthead .num").inner_text()
    code = resident.locator(".bigcode code").inner_text()
    slug = resident.url.rstrip("/").rsplit("/", 1)[1]
    assert "公用设施养护中心" in resident.content()

    # the one responsible unit finds it on its desk, on a clock that explains itself, and returns it
    officer = visit("utilities")
    officer.goto("/desk/?queue=unit")
    officer.locator(f"a[href^='/cases/{slug}/']").first.click()
    officer.wait_for_url(f"**/cases/{slug}/**")
    if not officer.locator("details.why table").first.is_visible():
        officer.locator("details.why summary").first.click()
    officer.locator("details.why table").first.wait_for(state="visible")
    act(officer, slug, "return", reason="该点位属于小区物业管理范围", clause="A-301")

    # the dispatcher settles whose it is
    dispatcher = visit("dispatcher")
    act(dispatcher, slug, "assign", organ="公用设施养护中心", clause="A-301", text="公共道路上的垃圾桶，按清单由你单位负责")

    # the unit handles it
    act(officer, slug, "accept")
    act(officer, slug, "answer", public_text="已清运并冲洗地面，改为每日两次", photos=photo(tmp_path, "clean.jpg", (120, 150, 120)))

    # a grid worker checks on site, without a network
    worker = visit("grid", PHONE, geolocation={"longitude": longitude, "latitude": latitude}, permissions=["geolocation"])
    worker.goto("/field/")
    worker.wait_for_selector(f"a[href='/field/task/{slug}/']")
    ready = "() => Promise.race([navigator.serviceWorker.ready.then(() => true), new Promise((done) => setTimeout(() => done(false), 10000))])"
    assert worker.evaluate(ready), "the service worker did not come up"
    worker.wait_for_timeout(1500)
    worker.context.set_offline(True)
    worker.goto(f"/field/task/{slug}/")
    worker.locator("input[name=passed][value=yes]").check(force=True)
    worker.fill("#verify-text", "现场干净，桶已清空")
    worker.wait_for_function("() => [...document.querySelectorAll('.shotpair img')].filter((one) => one.naturalWidth > 0).length === 2")  # before and after
    worker.locator("form[data-kind=verify] button[type=submit]").click()
    worker.wait_for_selector("form[data-kind=verify] [data-problem]:visible")  # the photo is asked for here, not refused on the road
    worker.wait_for_timeout(500)
    worker.reload()  # what was written is still there
    worker.wait_for_function("() => document.querySelector('#verify-text')?.value === '现场干净，桶已清空'")
    worker.set_input_files("#verify-photos", photo(tmp_path, "seen.jpg", (150, 160, 140)))
    worker.locator("form[data-kind=verify] button[type=submit]").click()
    worker.wait_for_url("**/field/outbox/")
    worker.wait_for_selector(".outitem")
    assert httpx.get(f"{installation.address}/api/v1/cases/{slug}").json()["state"] == "answered"
    worker.context.set_offline(False)
    worker.locator("[data-send-now]").click()
    worker.wait_for_selector(".outitem [data-when=taken]:visible")
    case = httpx.get(f"{installation.address}/api/v1/cases/{slug}").json()
    assert case["state"] == "closed"
    steps = httpx.get(f"{installation.address}/api/v1/cases/{slug}/steps").json()
    assert [step["act"] for step in steps].count("verify_pass") == 1

    # the resident comes back with the code, on another telephone, and is not pleased
    resident = visit(viewport=PHONE)
    resident.goto("/follow/")
    resident.fill("#id_code", code)
    resident.locator("form.stepform button[type=submit]").click()
    resident.wait_for_url(f"**/follow/{slug}/**")
    assert number in resident.content()
    resident.goto(f"/follow/{slug}/rate/")
    resident.locator("input[name=level][value='1']").check(force=True)
    resident.fill("[name=text]", "第二天又满了")
    resident.locator("form.stepform button[type=submit]").click()
    resident.wait_for_url(f"**/follow/{slug}/")

    # the follow-up runs: nobody left a number, so somebody else than the unit answers in writing; then it is put right
    supervisor = visit("supervisor")
    act(supervisor, slug, "call-back", answer="您反映的次日又满已转清运队，本周起增加清运次数")
    resident.goto(f"/follow/{slug}/")
    assert "本周起增加清运次数" in resident.content()
    act(officer, slug, "put-right", text="已增设一组垃圾桶，每日三次清运")

    # everything is on the public page, and its proof checks without the product
    anybody = visit()
    anybody.goto(f"/cases/{slug}/")
    for words in ("第二天又满了", "已增设一组垃圾桶", "现场干净", "退回"):
        assert words in anybody.content(), words
    assert "本周起增加清运次数" not in anybody.content()  # written to whoever rated
    address = anybody.locator("a.proof").first.get_attribute("href")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        told = httpx.get(f"{installation.address}{address}proofs.json").json()
        if told["checkpoint"] and len(told["proofs"]) == told["entries"]:
            break
        time.sleep(1)
    assert told["entries"] >= 9
    anybody.goto(address)
    anybody.wait_for_selector("[data-proofs=whole]")
    file = tmp_path / "proofs.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    vkey = httpx.get(f"{installation.address}/ledger/vkey").text
    done = subprocess.run([sys.executable, "-I", verify_proof.__file__, str(file), vkey], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "signature of the head holds" in done.stdout
