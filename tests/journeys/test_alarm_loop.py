"""A real HJ 212 stream over TCP, from an exceedance to an alarm, an order to a firm, clean readings, closure."""

import re
import socket
import time
from datetime import datetime
from zoneinfo import ZoneInfo

import httpx
import pytest

from gongzhi.management_line.sensing import demo
from gongzhi.management_line.sensing.hj212 import Framer, build
from tests.journeys.test_report_loop import act

pytestmark = pytest.mark.browser
SHANGHAI = ZoneInfo("Asia/Shanghai")
OUTLET = next(played for played in demo.STATIONS if played.code == "dye-outlet")


def send(port, values):
    """Send readings a second apart as the outlet's logger, and read the answers."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as peer:
        framer, answers = Framer(), 0
        for value in values:
            stamp = f"{datetime.now(SHANGHAI):%Y%m%d%H%M%S}"
            peer.sendall(
                build(mn=OUTLET.mn, cn="2011", st=OUTLET.st, pw=demo.password_of(OUTLET), qn=f"{stamp}000", data_time=stamp, flag=5,
                      factors=[("w01018", {"Rtd": value, "Flag": "N"})])
            )  # fmt: skip
            while not answers:
                chunk = peer.recv(4096)
                assert chunk, "the gateway hung up"
                answers += len(framer.feed(chunk))
            answers = 0
            time.sleep(1.05)


def test_an_exceedance_becomes_a_case_an_order_and_is_proved_clean(installation, visit):
    cockpit = visit("committee", {"width": 1920, "height": 1080})
    cockpit.goto("/cockpit/")
    cockpit.wait_for_selector("[data-live-state=open]")

    send(installation.gateway_port, [130.0, 131.0, 132.0])
    cockpit.wait_for_selector(".live :text('染整东排口')")  # without loading the page again
    episode = httpx.get(f"{installation.address}/api/v1/episodes").json()[0]
    assert episode["state"] == "over"
    href = cockpit.locator(".live a", has_text="染整东排口").first.get_attribute("href")
    slug = href.strip("/").split("/")[-1]

    officer = visit("ecology")
    officer.goto(f"/cases/{slug}/")
    assert "GB 4287" in officer.content()
    act(officer, slug, "accept")
    act(officer, slug, "join", organ="云溪染整有限公司", task="立即停止排放并检修污水处理设施", is_order=True)

    firm = visit("enterprise")
    act(firm, slug, "join-answer", result="已停产，更换了曝气设备")
    act(officer, slug, "answer", public_text="已责令停排，企业完成整改")
    assert httpx.get(f"{installation.address}/api/v1/cases/{slug}").json()["state"] == "answered"

    time.sleep(1.2)
    send(installation.gateway_port, [50.0, 51.0, 49.0, 50.0])
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and httpx.get(f"{installation.address}/api/v1/cases/{slug}").json()["state"] != "closed":
        time.sleep(0.3)
    acts = [step["act"] for step in httpx.get(f"{installation.address}/api/v1/cases/{slug}/steps").json()]
    assert acts.count("verify_pass") == 1
    assert httpx.get(f"{installation.address}/api/v1/cases/{slug}").json()["state"] == "closed"
    anybody = visit()
    anybody.goto("/stations/dye-outlet/")
    assert re.search("已销号", anybody.content())
