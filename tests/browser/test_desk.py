"""Journeys at the agent's desk, each a real call with spoken audio: won, lost, relocated, compared, solved, complained, called back."""

import re
import subprocess

from playwright.sync_api import Page, expect

from tests.browser.test_journeys import _fits, _log_in, browser, page, playwright, pytestmark  # noqa: F401
from tests.support.hotline import Hotline


def _call(hotline: Hotline, page: Page, name: str, scenario: str) -> "subprocess.Popen[str]":  # noqa: F811
    line = hotline.line(name)
    _log_in(page, hotline, name)
    page.click("#presence button.primary")
    expect(page.locator("#presence .state-dot.ready")).to_be_visible()
    return hotline.ring("--scenario", scenario, "--agent-line", line)


def _phase(page: Page, phase: str) -> None:  # noqa: F811
    expect(page.locator("#card")).to_have_attribute("data-phase", phase, timeout=40000)


def _finish(hotline: Hotline, page: Page, name: str, ring: "subprocess.Popen[str]", disposition: str = "") -> str:  # noqa: F811
    """To the end of the call and of the wrap-up; answers with the summary that was drafted."""
    ring.communicate(timeout=90)
    expect(page.locator("#presence .state-dot.wrap_up")).to_be_visible(timeout=15000)
    if disposition:
        assert page.locator(f"input[value={disposition}]").is_checked()
    summary = page.locator("form[hx-post$='wrap-up'] textarea").input_value()
    page.locator("form[hx-post$='wrap-up'] button.primary").click()
    expect(page.locator("#presence .state-dot.ready")).to_be_visible()
    hotline.finish(name)
    return summary


def test_price_won_on_the_second_offer(hotline: Hotline, page: Page) -> None:  # noqa: F811
    ring = _call(hotline, page, "1001", "second_offer")
    _phase(page, "reason_known")
    first = page.locator("#card .offer.top strong").inner_text()
    page.locator("#card .offer.top button").first.click()
    expect(page.locator("#card .notice")).to_contain_text("似乎拒绝", timeout=20000)
    page.keyboard.press("Alt+2")
    _phase(page, "reason_known")
    assert page.locator("#card .offer.top strong").inner_text() != first, "no offer twice"
    page.locator("#card .offer.top button").first.click()
    expect(page.locator("#card .notice")).to_contain_text("似乎接受", timeout=20000)
    page.keyboard.press("Alt+1")
    _phase(page, "kept")
    expect(page.locator("#gate li.binding").first).to_be_visible()
    summary = _finish(hotline, page, "1001", ring, "kept")
    assert "接受" in summary and "拒绝" in summary


def test_two_refusals_then_the_formalities(hotline: Hotline, page: Page) -> None:  # noqa: F811
    ring = _call(hotline, page, "1002", "insists")
    for _ in range(2):
        _phase(page, "reason_known")
        page.locator("#card .offer.top button").first.click()
        expect(page.locator("#card .notice")).to_contain_text("似乎拒绝", timeout=20000)
        page.keyboard.press("Alt+2")
    _phase(page, "refused_twice")
    assert page.locator("#card .offer.top").count() == 0, "nobody is persuaded a third time"
    page.get_by_role("button", name="按用户意愿办理").click()
    _phase(page, "proceeding")
    expect(page.locator("#card")).to_contain_text("停机保号")
    page.click("#sms-form summary")
    page.locator("#sms-form button", has_text="回装卡").click()
    expect(page.locator("#sms-form summary")).to_contain_text("回装卡")
    _finish(hotline, page, "1002", ring, "proceeded")


def test_moved_house_is_relocated(hotline: Hotline, page: Page) -> None:  # noqa: F811
    ring = _call(hotline, page, "1003", "relocation")
    _phase(page, "reason_known")
    expect(page.locator("#card .offer.top")).to_contain_text("免费移机")
    page.locator("#card .offer.top button").first.click()
    expect(page.locator("#card .notice")).to_contain_text("似乎接受", timeout=20000)
    page.keyboard.press("Alt+1")
    form = page.locator("#form-relocate")
    expect(form).to_be_visible(timeout=25000)
    form.locator("input[name=new_address]").fill("湖东花园5栋501")
    form.locator("select[name=slot]").select_option("上午")
    _fits(page)
    form.locator("button.primary").click()
    expect(page.locator("#card .notice.good")).to_contain_text("已登记")
    _finish(hotline, page, "1003", ring, "kept")
    call = hotline.calls("13800000010")[0]
    ticket = next(t for t in hotline.get("tickets")["tickets"] if t["call_id"] == call["id"])
    assert ticket["kind"] == "service" and "新地址：湖东花园5栋501" in ticket["brief"] and ticket["promise"] == "新址通网的，三个工作日内上门移机"


def test_a_competitors_price_is_worked_out(hotline: Hotline, page: Page) -> None:  # noqa: F811
    ring = _call(hotline, page, "1004", "rival_price")
    rows = page.locator("#card table.figures tbody tr")
    expect(rows).to_have_count(3, timeout=40000)
    expect(rows.nth(2)).to_contain_text("电信")
    expect(rows.nth(2)).to_contain_text("¥708")
    expect(rows.nth(2)).to_contain_text("¥1416")
    expert = page.locator("#desk-mode")
    expert.click()
    expect(expert).to_have_text("熟手")
    expect(page.locator("#card .offer.top .say")).not_to_be_visible()
    page.locator("#card .say-folded summary").first.click()
    expect(page.locator("#card .offer.top .say").first).to_be_visible()
    expert.click()
    expect(expert).to_have_text("新手")
    _fits(page)
    _finish(hotline, page, "1004", ring)


def test_a_fault_solved_by_telephone(hotline: Hotline, page: Page) -> None:  # noqa: F811
    ring = _call(hotline, page, "1005", "solved")
    guide = page.locator("#guide")
    expect(guide.locator(".notice")).to_contain_text("请确认", timeout=40000)
    page.keyboard.press("Alt+2")
    expect(guide.locator(".say")).to_contain_text("拔下来")
    guide.get_by_role("button", name="好了").click()
    expect(guide).to_contain_text("电话里已解决")
    assert page.locator("#ticket-form[open]").count() == 0
    summary = _finish(hotline, page, "1005", ring)
    assert "故障引导：没信号" in summary
    assert hotline.get("tickets")["tickets"] is not None
    call = hotline.calls("13800000001")[0]
    assert not [t for t in hotline.get("tickets")["tickets"] if t["call_id"] == call["id"]], "nobody is sent"


def test_a_complaint_is_recorded_and_nothing_sold(hotline: Hotline, page: Page) -> None:  # noqa: F811
    ring = _call(hotline, page, "1002", "complaint")
    expect(page.locator("#form-complaint")).to_be_visible(timeout=40000)
    assert page.locator("#card .offer button[hx-post*='offer']").count() == 0
    form = page.locator("#form-complaint")
    # another question must not pull the form away while it is being filled in
    form.locator("select[name=about]").select_option("上门不及时")
    form.locator("textarea[name=what]").fill("约了三次师傅都没来")
    expect(page.locator("#transcript .u.caller")).to_have_count(2, timeout=25000)
    assert form.locator("textarea[name=what]").input_value() == "约了三次师傅都没来"
    form.locator("button.primary").click()
    expect(page.locator("#card")).to_have_attribute("data-intent", re.compile("billing"))
    page.keyboard.press("Alt+1")
    expect(page.locator("#card")).not_to_have_attribute("data-intent", re.compile("billing"))
    _finish(hotline, page, "1002", ring, "complaint")
    call = hotline.calls("13800000002")[0]
    ticket = next(t for t in hotline.get("tickets")["tickets"] if t["call_id"] == call["id"])
    assert ticket["kind"] == "complaint" and "上门不及时" in ticket["brief"]
    page.goto(f"{hotline.url}/day")
    expect(page.locator(".timeline")).to_contain_text("24小时内专人答复投诉")


def test_a_promised_call_back_is_in_the_day(hotline: Hotline, page: Page) -> None:  # noqa: F811
    ring = _call(hotline, page, "1001", "later")
    ring.communicate(timeout=90)
    expect(page.locator("#presence .state-dot.wrap_up")).to_be_visible(timeout=15000)
    expect(page.locator("input[name=promise_text]").first).to_have_value(re.compile("回电话"))
    page.locator("form[hx-post$='wrap-up'] button.primary").click()
    expect(page.locator("#presence .state-dot.ready")).to_be_visible()
    hotline.finish("1001")
    page.goto(f"{hotline.url}/day")
    expect(page.locator(".timeline li", has_text="回电话").first).to_contain_text("13800000003")
