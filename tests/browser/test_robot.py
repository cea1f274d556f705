"""The call-back list and the robot's page in real Chromium."""

import yaml
from playwright.sync_api import Page, expect

from tests.browser.test_journeys import _fits, _log_in, browser, page, playwright, pytestmark  # noqa: F401
from tests.support.hotline import ROOT, Hotline

DIALOGS = (ROOT / "prompts" / "robot" / "dialogs.yaml").read_text(encoding="utf-8")


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


def test_a_drafted_ticket_is_completed_and_opened(hotline: Hotline, page: Page) -> None:  # noqa: F811
    number = "13800000172"
    hotline.ring("--say", "我要移机", "--say", "明天下午", "--from", number, "--no-agent").communicate(timeout=90)
    hotline.wait_call(number, lambda c: c["outcome"] == "voicemail")
    _log_in(page, hotline, "1002")
    page.goto(f"{hotline.url}/callbacks")
    row = page.locator("article.callback", has_text=number)
    expect(row).to_contain_text("方便时间：明天下午")
    row.get_by_role("button", name="我来回拨").click()
    row = page.locator("article.callback", has_text=number)
    row.get_by_text("开草稿工单").click()
    assert row.locator("input[name=address]").input_value(), "the household's address is there"
    expect(row.locator("input[name=promise]")).to_have_value("明天下午")
    _fits(page)
    row.locator("textarea[name=brief]").fill("移到湖东花园")
    row.get_by_role("button", name="开单").click()
    row = page.locator("article.callback", has_text=number)
    expect(row.locator(".chip.good")).to_contain_text("T")
    expect(row.get_by_text("开草稿工单")).to_have_count(0)
    row.get_by_role("button", name="已联系上").click()


def test_a_step_of_the_flow_is_opened_and_changed(hotline: Hotline, page: Page) -> None:  # noqa: F811
    _log_in(page, hotline, "super")
    page.goto(f"{hotline.url}/robot")
    page.locator("#tasks-complaint button.node", has_text="投诉").click()
    form = page.locator("form[action='/robot/flow/tasks/complaint']")
    _fits(page)
    form.locator("[name=key]").fill("1")
    form.get_by_role("button", name="发布").click()
    expect(page.locator("p[role=alert]")).to_contain_text("share a key")
    page.goto(f"{hotline.url}/robot")
    page.locator("#tasks-complaint button.node", has_text="投诉").click()
    page.locator("form[action='/robot/flow/tasks/complaint'] [name=start]").fill("对不起，我马上记下来。")
    page.locator("form[action='/robot/flow/tasks/complaint']").get_by_role("button", name="发布").click()
    expect(page.locator(".timeline").last).to_contain_text("tasks complaint")
    page.get_by_role("button", name="开始一段对话").click()
    for _ in range(20):
        page.fill("#robot-said", "我要投诉你们")
        page.keyboard.press("Enter")
        if "对不起" in (page.locator("#robot-try .said").text_content() or ""):
            break
        page.wait_for_timeout(300)
        page.goto(f"{hotline.url}/robot")
        page.get_by_role("button", name="开始一段对话").click()
    expect(page.locator("#robot-try .said")).to_contain_text("对不起，我马上记下来。")
    page.locator("form[action='/robot/restore/0'] button").click()
    expect(page.locator(".timeline").last.locator("li").first).to_contain_text("= 0")


def test_the_robots_dialogs_are_tried_edited_and_rolled_back(hotline: Hotline, page: Page) -> None:  # noqa: F811
    _log_in(page, hotline, "super")
    page.goto(f"{hotline.url}/robot")
    expect(page.locator(".flow")).to_have_count(len(yaml.safe_load(DIALOGS)["tasks"]))
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
    page.locator("form[action='/robot/publish']").get_by_role("button", name="发布").click()
    expect(page.locator("p[role=alert]")).to_contain_text("shoe")
    assert "shoe" in page.locator("textarea[name=text]").input_value(), "nothing that was typed is lost"
    page.fill("textarea[name=text]", whole.replace("感谢您的来电，再见。", "谢谢来电，再会。"))
    page.fill("form[action='/robot/publish'] input[name=note]", "改结束语")
    page.locator("form[action='/robot/publish']").get_by_role("button", name="发布").click()
    expect(page.locator(".timeline").last).to_contain_text("改结束语")
    page.locator("form[action='/robot/restore/0'] button").click()
    expect(page.locator(".timeline").last.locator("li").first).to_contain_text("= 0")
