"""The fault desk in a real call: guided steps, then a ticket that tells what was tried."""

from playwright.sync_api import Page, expect

from tests.browser.test_journeys import _fits, _log_in, browser, page, playwright, pytestmark  # noqa: F401
from tests.support.hotline import Hotline

NUMBER = "13800000011"


def test_guided_steps_then_a_ticket(hotline: Hotline, page: Page) -> None:  # noqa: F811
    name = "1003"
    line = hotline.line(name)
    _log_in(page, hotline, name)
    page.click("#presence button.primary")
    expect(page.locator("#presence .state-dot.ready")).to_be_visible()
    ring = hotline.ring("--scenario", "fault_ticket", "--agent-line", line)
    guide = page.locator("#guide")
    expect(guide.locator(".say")).to_contain_text("灯亮不亮", timeout=40000)
    expect(guide.locator(".notice")).to_contain_text("请确认", timeout=20000)
    page.keyboard.press("Alt+2")
    expect(guide.locator(".say")).to_contain_text("拔下来")
    guide.get_by_text("上一步").click()
    expect(guide.locator(".say")).to_contain_text("灯亮不亮")
    guide.locator("button[data-key='2']").click()
    expect(guide.locator(".timeline li")).to_have_count(1)
    expect(guide.locator(".notice")).to_have_count(0)
    _fits(page)
    guide.locator("button[data-key='2']").click()
    expect(guide).to_contain_text("需要师傅上门")
    brief = page.locator("#ticket-form textarea[name=brief]")
    expect(brief).to_have_value("无信号 已试：请您看一下机顶盒正面的灯亮不亮：否；请把机顶盒的电源拔下来，等十秒再插上，灯亮了吗：否")
    page.fill("#ticket-form input[name=promise]", "明天上午上门")
    page.locator("#ticket-form button.primary").click()
    expect(page.locator("#card .chip.good")).to_contain_text("T")
    ring.communicate(timeout=60)
    expect(page.locator("#presence .state-dot.wrap_up")).to_be_visible(timeout=15000)
    assert page.locator("input[value=fault_ticket]").is_checked()
    assert "故障引导：没信号，2步，派单" in page.locator("form[hx-post$='wrap-up'] textarea").input_value()
    page.locator("form[hx-post$='wrap-up'] button.primary").click()
    expect(page.locator("#presence .state-dot.ready")).to_be_visible()
    hotline.finish(name)
