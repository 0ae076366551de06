"""The demo's page in a real browser, before the real bot."""

from __future__ import annotations

import os
import random
import re
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import pytest
from playwright.sync_api import expect, sync_playwright

from bot.rendering.markdown import to_html
from tests.e2e.browser import DESKTOP, PHONE, VARIABLE, Visitor, chromium, launch
from tests.e2e.demo_process import DemoProcess
from tests.rendering.hostile import NAMES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from playwright.sync_api import Browser, Route

WOLVES, KESTRELS, LANTERNS = "Kamadi Wolves", "Kestrel Flight", "Lantern Light"
MANAGER, MEMBER = "Ada", "Bo"
MARKED_UP = (
    "**bold *both* __under__** ~~gone~~ ||spoiler|| `code **no**`",
    "\\*not\\* \\_this\\_ **a\\*\\*b** snake_case_name _a_ é_x_",
    "# one\n## two\n### three\n#### four\n-# small\n> quote\n- item\n12. twelfth\n\nend",
    "a\n```text\n<x>\n  y\n```\n-# b\n```c```d",
    "<@1> <@!2> <@&3> <#4> </summary:5> <t:1757700000:R> <a:wolf:6> @here :rocket: :gun: :x:",
    "[words](https://example.invalid/a) https://example.invalid/b?c=d&e <b>&amp;</b>",
)
SIGNS = (
    "**",
    "__",
    "~~",
    "||",
    "```",
    *"*_`\\|~<>@#:[]()- .\n1aé🚀",
    ":gun:",
    "@here",
    "https://a.b",
)
# Links, mentions and times are made readable in the page, which keeps what they were.
DRAW = """async (pairs) => {
  const { markdown } = await import("/page/markdown.js");
  const shown = (nodes) => {
    const box = document.createElement("div");
    box.append(...nodes);
    for (const each of box.querySelectorAll("[data-raw]")) {
      const plain = document.createElement("span");
      plain.className = each.classList.contains("link") ? "link" : "mention";
      plain.textContent = each.dataset.raw;
      each.replaceWith(plain);
    }
    // What a reader of HTML changes: ends of lines, NUL, the first line of a block.
    const html = box.innerHTML.replaceAll("\\r", "\\n").replaceAll("\\0", "");
    return html.replaceAll("<pre>\\n", "<pre>");
  };
  const parsed = (html) => [...new DOMParser().parseFromString(html, "text/html").body.childNodes];
  return {
    page: pairs.map(([text]) => shown(markdown(text))),
    preview: pairs.map(([, html]) => shown(parsed(html))),
  };
}"""
PICTURE = Path(__file__).parents[2] / "docs" / "images" / "demo.png"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoProcess]:
    process = DemoProcess(tmp_path_factory.mktemp("demo"))
    yield process
    process.end()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    path = chromium()
    assert path is not None
    with sync_playwright() as playwright:
        browser = launch(playwright, path)
        yield browser
        browser.close()


@pytest.fixture
def arrive(
    request: pytest.FixtureRequest, leave_out: Callable[[str], NoReturn]
) -> Iterator[Callable[..., Visitor]]:
    """Open the page; in the end nothing may have gone wrong, and nobody else been asked."""
    if chromium() is None:
        leave_out(f"no Chromium here: install Debian's chromium, or name one in {VARIABLE}")
    demo: DemoProcess = request.getfixturevalue("demo")
    browser: Browser = request.getfixturevalue("browser")
    visitors: list[Visitor] = []

    def arrive(size: tuple[int, int] = DESKTOP) -> Visitor:
        visitors.append(Visitor.arrive(browser, demo.address, size))
        return visitors[-1]

    yield arrive
    own = (demo.address, demo.address.replace("http", "ws", 1))
    for visitor in visitors:
        visitor.leave()
        assert visitor.complaints == []
        assert [address for address in visitor.asked if not address.startswith(own)] == []
        assert any(address.endswith("/_/live") for address in visitor.asked)


@pytest.fixture
def visitor(arrive: Callable[..., Visitor]) -> Visitor:
    return arrive()


def test_the_night_was_posted_to_both_squadrons(visitor: Visitor) -> None:
    for guild, channel in ((WOLVES, "nightly-reports"), (KESTRELS, "flight-log")):
        visitor.go(guild, channel)
        for report in ("Daily Summary", "Space CZ Summary", "Ground CZ Summary"):
            post = visitor.messages.filter(has_text=re.compile(f"{report}.*2025-09-11", re.DOTALL))
            expect(post.first).to_be_visible()


def test_a_summary_and_its_menu(visitor: Visitor) -> None:
    visitor.go(WOLVES, "general")
    visitor.run("summary")
    expect(visitor.last).to_contain_text("Ada used /summary")
    expect(visitor.last).to_contain_text("Daily Summary · 2025-09-11")
    visitor.last.get_by_role("combobox").click()
    visitor.last.get_by_role("option", name="Last week").click()
    expect(visitor.last).to_contain_text("2025-09-01")
    expect(visitor.last.get_by_role("combobox")).to_contain_text("Last week")
    expect(visitor.last).to_contain_text("(edited)")


def test_systems_are_suggested_while_one_types(visitor: Visitor) -> None:
    visitor.go(KESTRELS, "general")
    visitor.choose("spacecz")
    expect(visitor.option("period")).to_be_focused()
    visitor.type("last m", "<Enter>", "system", "<Enter>")
    expect(visitor.option("system")).to_be_focused()
    first = visitor.entry("")
    expect(first).to_be_visible()
    name = first.inner_text()
    visitor.type(name[:3])
    expect(visitor.entry(name)).to_be_visible()
    visitor.entry(name).click()
    expect(visitor.option("system")).to_have_value(name)
    visitor.type("<Enter>")
    expect(visitor.last).to_contain_text("Space CZ Summary")
    expect(visitor.last).to_contain_text(name)


def test_pages_are_turned_by_buttons_and_keys_alone(visitor: Visitor) -> None:
    visitor.go(WOLVES, "general")
    visitor.choose("spacecz")
    visitor.type("all", "<Enter>", "<Enter>")
    expect(visitor.last).to_contain_text("1/")
    before = visitor.last.locator(".embed").first.inner_text()
    visitor.last.get_by_role("button", name="▶").focus()
    visitor.type("<Enter>")
    expect(visitor.last).to_contain_text("2/")
    assert visitor.last.locator(".embed").first.inner_text() != before


def test_a_private_answer_is_for_its_asker_until_dismissed(visitor: Visitor) -> None:
    visitor.go(KESTRELS, "general")
    visitor.become(MEMBER)
    visitor.choose("summary")
    visitor.type("pri", "<Enter>", "true", "<Enter>", "<Enter>")
    private = visitor.messages.filter(has_text="Bo used /summary")
    expect(private).to_contain_text("Only you can see this")
    expect(private).to_contain_text("Daily Summary")
    visitor.become(MANAGER)
    expect(private).to_have_count(0)
    visitor.become(MEMBER)
    private.get_by_role("button", name="Dismiss message").click()
    expect(private).to_have_count(0)


def test_a_server_is_linked_by_its_squadrons_key_only(visitor: Visitor, demo: DemoProcess) -> None:
    visitor.go(LANTERNS, "general")
    visitor.run("summary")
    expect(visitor.last).to_contain_text("not linked to a squadron yet")
    for key, answer in (("a-wrong-key", "No squadron here has that key"), (demo.key, "Lantern")):
        visitor.run("tenant link")
        form = visitor.page.get_by_role("dialog")
        expect(form.get_by_role("textbox")).to_be_focused()
        visitor.type(key, "<Enter>")
        expect(form).to_have_count(0)
        expect(visitor.last).to_contain_text(answer)
    visitor.run("summary")
    expect(visitor.last).to_contain_text("Daily Summary · 2025-09-11")
    expect(visitor.page.get_by_role("log")).not_to_contain_text(demo.key)


def test_a_form_may_be_given_up(visitor: Visitor) -> None:
    visitor.go(LANTERNS, "war-room")
    visitor.run("tenant link")
    form = visitor.page.get_by_role("dialog")
    form.get_by_role("button", name="Submit").click()
    expect(form).to_be_visible()
    visitor.type("<Escape>")
    expect(form).to_have_count(0)


def test_links_to_posts_lead_to_them(visitor: Visitor) -> None:
    visitor.go(KESTRELS, "general")
    visitor.run("tenant show")
    visitor.last.get_by_role("button", name="Space CZ Summary").first.click()
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("flight-log")
    expect(visitor.page.locator("article:focus")).to_contain_text("Space CZ Summary")


def test_who_may_not_manage_the_server_is_refused(visitor: Visitor) -> None:
    visitor.go(WOLVES, "general")
    visitor.become(MEMBER)
    visitor.choose("tenant unlink")
    expect(visitor.problem).to_contain_text("You need the permission Manage Server")
    expect(visitor.page.locator(".command-name")).to_have_count(0)


def test_what_cannot_be_sent_is_said_before(visitor: Visitor) -> None:
    visitor.go(WOLVES, "general")
    visitor.choose("groundcz")
    visitor.type("<Escape>", "<Enter>")
    expect(visitor.problem).to_have_text("period: This option is required.")
    visitor.type("next year", "<Enter>")
    expect(visitor.problem).to_have_text("period: Pick one from the list.")
    visitor.type("<Escape>", "hello", "<Enter>")
    expect(visitor.problem).to_contain_text("Only commands are sent")


def test_markdown_is_drawn_as_in_the_preview(visitor: Visitor) -> None:
    dice = random.Random(3310)
    tangles = ("".join(dice.choices(SIGNS, k=dice.randint(1, 30))) for _ in range(2000))
    texts = [*NAMES, *MARKED_UP, "\n".join(NAMES), *tangles]
    drawn = visitor.evaluate(DRAW, [(text, to_html(text)) for text in texts])
    wrong = [
        (text, page, preview)
        for text, page, preview in zip(texts, drawn["page"], drawn["preview"], strict=True)
        if page != preview
    ]
    assert wrong == []


def test_a_bot_that_says_nothing_is_seen_to(visitor: Visitor, demo: DemoProcess) -> None:
    visitor.go(WOLVES, "nightly-reports")
    slow = {"kind": "latency", "seconds": 4}
    demo.tell("/_/faults", {"route": "callback", "script": [slow]})
    visitor.run("help")
    expect(visitor.last).to_contain_text("BGS Bot is thinking")
    expect(visitor.last).to_contain_text("The application did not respond")
    visitor.last.get_by_role("button", name="Dismiss message").click()
    expect(visitor.messages.filter(has_text="did not respond")).to_have_count(0)


def test_a_lost_gateway_is_shown_until_the_bot_is_back(visitor: Visitor, demo: DemoProcess) -> None:
    presence = visitor.page.get_by_role("status").filter(has_text="BGS Bot")
    demo.tell("/_/gateway", {"do": "down", "on": True})
    try:
        demo.tell("/_/gateway", {"do": "drop"})
        expect(presence).to_have_text("BGS Bot is offline")
    finally:
        demo.tell("/_/gateway", {"do": "down", "on": False})
    expect(presence).to_have_text("BGS Bot is online", timeout=30_000)


def test_what_happens_before_the_page_listens_is_not_missed(
    visitor: Visitor, demo: DemoProcess
) -> None:
    def lose_the_bot(route: Route) -> None:
        answer = route.fetch()
        assert answer.json()["application"]["online"] is True
        demo.tell("/_/gateway", {"do": "drop"})
        demo.until(lambda world: world["application"]["online"] is False)
        route.fulfill(response=answer)

    demo.tell("/_/gateway", {"do": "down", "on": True})
    try:
        visitor.page.route("**/_/world", lose_the_bot, times=1)
        visitor.page.reload()
        presence = visitor.page.get_by_role("status").filter(has_text="BGS Bot")
        expect(presence).to_have_text("BGS Bot is offline")
    finally:
        demo.tell("/_/gateway", {"do": "down", "on": False})
    expect(presence).to_have_text("BGS Bot is online", timeout=30_000)


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
def test_it_fits_the_window(arrive: Callable[..., Visitor], size: tuple[int, int]) -> None:
    visitor = arrive(size)
    width = "document.documentElement.scrollWidth"
    for guild, channel in ((WOLVES, "nightly-reports"), (KESTRELS, "flight-log")):
        visitor.go(guild, channel)
        expect(visitor.last).to_be_visible()
        visitor.page.get_by_role("combobox", name="Command").click()
        visitor.type("/")
        expect(visitor.entry("/summary")).to_be_visible()
        assert visitor.evaluate(width) <= size[0]
        scroll = "document.getElementById('scroll')"
        assert visitor.evaluate(f"{scroll}.scrollWidth <= {scroll}.clientWidth")
        visitor.type("<Escape>", "<Backspace>")


def test_the_picture_of_the_readme(visitor: Visitor, tmp_path: Path) -> None:
    visitor.go(KESTRELS, "general")
    visitor.choose("spacecz")
    visitor.type("yes", "<Enter>", "<Enter>")
    expect(visitor.last).to_contain_text("Space CZ Summary")
    visitor.choose("groundcz")
    visitor.type("today", "<Enter>", "pri", "<Enter>", "true", "<Enter>", "<Enter>")
    expect(visitor.last).to_contain_text("Only you can see this")
    expect(visitor.last).not_to_contain_text("is thinking")
    visitor.choose("spacecz")
    visitor.type("last w", "<Enter>", "sys", "<Enter>", "belun")
    visitor.entry("Belun").click()
    visitor.type("<Escape>")
    path = PICTURE if os.environ.get("UPDATE_PICTURE") else tmp_path / "demo.png"
    visitor.page.screenshot(path=path)
    assert path.stat().st_size > 10_000
