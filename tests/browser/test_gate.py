"""The disclosure gate in a real call: a forgotten statement is caught before the hang-up."""

import re

from playwright.sync_api import Page, expect

from tests.browser.test_journeys import (  # noqa: F401
    ARGUMENTS,
    _fits,
    _log_in,
    browser,
    page,
    playwright,
    pytestmark,
)
from tests.support.hotline import Hotline

NUMBER = "13800000009"


def test_a_forgotten_statement_and_a_wrong_sum_are_caught(hotline: Hotline, page: Page) -> None:  # noqa: F811
    name = "1006"
    line = hotline.line(name)
    _log_in(page, hotline, name)
    page.keyboard.press("?")
    expect(page.locator("#keys dl")).to_contain_text("Alt + ")
    page.keyboard.press("Escape")
    expect(page.locator("#keys")).not_to_be_visible()
    page.click("#presence button.primary")
    expect(page.locator("#presence .state-dot.ready")).to_be_visible()
    expect(page.locator("#scenario option").first).to_have_text("嫌贵要停，接受减价")
    ring = hotline.ring("--scenario", "gate", "--agent-line", line)
    expect(page.locator("#card")).to_have_attribute("data-phase", "reason_known", timeout=40000)
    page.locator("#card button[hx-vals*='renew-85'], #card button[hx-vals*='price-cut-12']").first.click()
    expect(page.locator("#card")).to_have_attribute("data-phase", "offer_shown")
    expect(page.locator("#gate li")).to_have_count(2)
    page.click("#card details.figures summary")
    expect(page.locator("table.figures tbody tr")).to_have_count(2)
    expect(page.locator("#card .notice")).to_contain_text("似乎接受", timeout=20000)
    page.locator("#card .offer.top button.good").click()
    expect(page.locator("#gate li.binding")).to_have_count(2)
    expect(page.locator("#gate .notice.bad").first).to_contain_text("您说违约金100元", timeout=20000)
    expect(page.locator("#gate.alarm")).to_contain_text("挂机前还没说", timeout=20000)
    expect(page.locator("#gate.alarm")).to_contain_text("二次确认")
    _fits(page)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight"), "the desk scrolls"
    expect(page.locator("#gate li.said")).to_have_count(2, timeout=30000)
    expect(page.locator("#gate.alarm")).to_have_count(0)
    ring.communicate(timeout=60)
    expect(page.locator("#presence .state-dot.wrap_up")).to_be_visible(timeout=15000)
    note = page.locator("form[hx-post$='wrap-up'] textarea")
    expect(note).to_have_value(re.compile("优惠：.*接受"))
    expect(page.locator("input[name=promise_text]")).to_have_value(re.compile("师傅上门"))
    page.locator("form[hx-post$='wrap-up'] button.primary").click()
    expect(page.locator("#presence .state-dot.ready")).to_be_visible()
    page.goto(f"{hotline.url}/day")
    expect(page.locator(".timeline li").first).to_contain_text("师傅上门")
    page.locator("button[value=done]").first.click()
    expect(page.locator(".timeline")).to_contain_text("没有待办")
    hotline.finish(name)

    call = hotline.get(f"calls/{hotline.calls(NUMBER)[0]['id']}")
    states = {d["code"]: d["state"] for d in call["disclosures"]}
    assert states == {"confirm": "said", "penalty": "said"}, states
    assert [e["kind"] for e in call["events"]].count("gate_alarm") == 1
