"""A visitor of the demo's page, in a real browser that meets nobody else."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from playwright.sync_api import expect

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, Playwright

VARIABLE = "TEST_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome")
# As root there is no sandbox, and on a closed network no look-ups of Google's.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
_PATIENCE_MS = 20_000
DESKTOP = (1280, 800)
PHONE = (412, 860)


def chromium() -> Path | None:
    """Return the browser, None where there is none."""
    named = os.environ.get(VARIABLE)
    found = named or next(filter(None, map(shutil.which, _NAMES)), None)
    return Path(found) if found else None


def launch(playwright: Playwright, path: Path) -> Browser:
    """Start the browser."""
    expect.set_options(timeout=_PATIENCE_MS)
    return playwright.chromium.launch(executable_path=path, args=ARGUMENTS)


@dataclass
class Visitor:
    """Somebody at the page; whatever went wrong in the browser is remembered.

    Attributes
    ----------
    complaints
        Errors of the page's scripts and whatever its console shows.
    asked
        The addresses that the page asked, WebSockets among them.
    """

    page: Page
    complaints: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)

    @classmethod
    def arrive(cls, browser: Browser, address: str, size: tuple[int, int] = DESKTOP) -> Visitor:
        """Open the page in a window of its own."""
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        visitor = cls(page)
        page.on("console", lambda message: visitor.complaints.append(message.text))
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        page.on("request", lambda request: visitor.asked.append(request.url))
        page.on("websocket", lambda socket: visitor.asked.append(socket.url))
        page.goto(address)
        expect(page.get_by_role("status").filter(has_text="online")).to_be_visible()
        return visitor

    def go(self, guild: str, channel: str) -> None:
        """Look at a channel."""
        menu = self.page.get_by_role("button", name="Servers and channels")
        if menu.is_visible():
            menu.click()
        self.page.get_by_role("button", name=guild).click()
        if menu.is_visible():
            menu.click()
        self.page.get_by_role("navigation", name="Channels").get_by_text(channel).click()
        expect(self.page.get_by_role("heading", level=1)).to_have_text(channel)

    def become(self, name: str) -> None:
        """Be somebody else."""
        seat = self.page.get_by_label("You are")
        label = next(text for text in seat.locator("option").all_inner_texts() if name in text)
        seat.select_option(label=label)

    def type(self, *keys: str) -> None:
        """Type texts, and press the keys that stand in angle brackets."""
        for each in keys:
            if each.startswith("<"):
                self.page.keyboard.press(each.strip("<>"))
            else:
                self.page.keyboard.type(each)

    def choose(self, command: str) -> None:
        """Type a command and choose it from the list."""
        self.page.get_by_role("combobox", name="Command").click()
        self.type(f"/{command}")
        expect(self.entry(f"/{command}")).to_be_visible()
        self.type("<Enter>")

    def run(self, command: str) -> None:
        """Send a command without options."""
        self.choose(command)
        self.type("<Enter>")

    def entry(self, text: str) -> Locator:
        """Return an entry of the list above the command box."""
        listed = self.page.locator(".suggestions").get_by_role("option")
        return listed.filter(has_text=text).first

    def option(self, name: str) -> Locator:
        """Return the field of an option."""
        return self.page.locator(".chip").get_by_label(name, exact=True)

    @property
    def messages(self) -> Locator:
        """All messages on show."""
        return self.page.get_by_role("log").locator(":scope > article")

    @property
    def last(self) -> Locator:
        """The newest message."""
        return self.messages.last

    @property
    def problem(self) -> Locator:
        """What the command box complains of."""
        return self.page.locator("#composer").get_by_role("alert")

    def evaluate(self, script: str, argument: Any = None) -> Any:
        """Run a script in the page."""
        return self.page.evaluate(script, argument)

    def leave(self) -> None:
        """Close the window."""
        self.page.close()
