"""The call-back list and the robot's page in real Chromium."""

from playwright.sync_api import Page, expect

from tests.browser.test_journeys import _fits, _log_in, browser, page, playwright, pytestmark  # noqa: F401
from tests.support.hotline import Hotline


def test_the_call_back_list(hotline: Hotline, page: Page) -> None:  # noqa: F811
    number = "13800000171"
    hotline.ring("--say", "我要报停", "--from", number, "--no-agent").communicate(timeout=90)
    hotline.wait_call(number, lambda c: c["outcome"] == "voicemail")
    _log_in(page, hotline, "1002")
    page.goto(f"{hotline.url}/callbacks")
    row = page.locator("article.callback", has_text=number)
    expect(row).to_contain_text("报停")
    row.get_by_role("button", name="我来回拨").click()
    row = page.locator("article.callback", has_text=number)
    expect(row.locator("a[href^='tel:']")).to_have_attribute("href", f"tel:{number}")
    _fits(page)
    row.get_by_role("button", name="没人接").click()
    expect(page.locator("article.callback", has_text=number)).to_contain_text("已拨 1 次")
    page.locator("article.callback", has_text=number).get_by_role("button", name="我来回拨").click()
    row = page.locator("article.callback", has_text=number)
    row.locator("input[name=note]").fill("已挽留")
    row.get_by_role("button", name="已联系上").click()
    expect(page.locator("article.callback", has_text=number)).to_have_count(0)
    expect(page.locator(".timeline")).to_contain_text("已挽留")


def test_the_robots_dialogs_are_tried_edited_and_rolled_back(hotline: Hotline, page: Page) -> None:  # noqa: F811
    _log_in(page, hotline, "super")
    page.goto(f"{hotline.url}/robot")
    expect(page.locator(".flow")).to_have_count(5)
    page.get_by_role("button", name="开始一段对话").click()
    for said, answer in (("我家电视没信号", "灯亮不亮"), ("好了有了", "恢复了就好"), ("没有了", "再见")):
        page.fill("#robot-said", said)
        page.keyboard.press("Enter")
        expect(page.locator("#robot-try .said")).to_contain_text(answer)
    expect(page.locator("#robot-try")).to_contain_text("对话结束")
    _fits(page)
    text = page.locator("textarea[name=text]")
    whole = text.input_value()
    text.fill(whole.replace("slots: [address, phone, when]", "slots: [address, shoe]"))
    page.get_by_role("button", name="发布").click()
    expect(page.locator("p[role=alert]")).to_contain_text("shoe")
    assert "shoe" in page.locator("textarea[name=text]").input_value(), "nothing that was typed is lost"
    page.fill("textarea[name=text]", whole.replace("感谢您的来电，再见。", "谢谢来电，再会。"))
    page.fill("input[name=note]", "改结束语")
    page.get_by_role("button", name="发布").click()
    expect(page.locator(".timeline")).to_contain_text("改结束语")
    page.locator("form[action='/robot/restore/0'] button").click()
    expect(page.locator(".timeline li").first).to_contain_text("= 0")
