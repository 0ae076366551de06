"""Posts shown without Discord: the page and the terminal."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings

from bot.rendering import render
from bot.rendering.html import PreviewChannel, page
from bot.rendering.markdown import inline_to_html, to_html
from bot.rendering.terminal import payload_text, table
from bot.tenants import Style
from tests.rendering import hostile, judge, samples

if TYPE_CHECKING:
    from bot.reports.results import Result

VOID = {"meta", "br"}
ALLOWED = {
    *("html", "head", "meta", "title", "style", "body", "main", "section", "header", "span"),
    *("h1", "article", "div", "p", "b", "br", "pre", "code", "strong", "em", "u", "s"),
}


class Reader(HTMLParser):
    """Collects a page's elements, its text, and every address it names."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.addresses: list[str] = []
        self.text = ""
        self.tags: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            self.attributes.add(name)
            if name in {"src", "href", "action"}:
                self.addresses.append(value or "")
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def read_page(text: str) -> Reader:
    reader = Reader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader


@given(hostile.results, hostile.hostile_names)
@settings(max_examples=40)
def test_no_name_adds_an_element_or_a_request_to_the_page(result: Result, name: str) -> None:
    channels = [
        PreviewChannel(
            name,
            name,
            [
                message.payload(username=name, thread_name=name, silent=True)
                for message in render(result, samples.WOLVES, style)
            ],
        )
        for style in Style
    ]
    text = page(channels)
    text.encode("utf-8", "surrogatepass")
    reader = read_page(text)
    assert reader.tags <= ALLOWED
    assert reader.attributes <= {
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "style",
        "aria-hidden",
    }
    assert reader.addresses == []


def test_the_page_shows_what_discord_would() -> None:
    posts = [message.payload() for message in render(samples.DAILY, samples.WOLVES, Style.EMBED)]
    text = read_page(page([PreviewChannel("reports", "Demo Wolves", posts)])).text
    for shown in ("Demo Wolves", "Daily Summary · 2025-09-12", "Kestrel_Prime", "@everyone"):
        assert shown in text
    assert "\\" not in text
    assert "**" not in text


def test_the_page_stands_alone() -> None:
    text = page([])
    assert "default-src 'none'" in text
    assert "http://" not in text
    assert "https://" not in text
    assert "Nothing would be posted." in text


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**a** b", "<strong>a</strong> b"),
        ("\\*a\\*", "*a*"),
        ("**a\\*\\*b**", "<strong>a**b</strong>"),
        ("_a_ __b__ ~~c~~", "<em>a</em> <u>b</u> <s>c</s>"),
        (":rocket: :other:", "🚀 :other:"),
        ("`<b>`", "<code>&lt;b&gt;</code>"),
        ("@everyone", '<span class="mention">@everyone</span>'),
        ("<@1>", '<span class="mention">&lt;@1&gt;</span>'),
        ("<script>", "&lt;script&gt;"),
    ],
)
def test_markdown_is_shown_as_discord_shows_it(text: str, html: str) -> None:
    assert inline_to_html(text) == html


def test_blocks_of_code_and_lines() -> None:
    assert to_html("a\n```text\n<x>\n  y\n```\n-# b") == (
        '<div>a</div><pre>&lt;x&gt;\n  y</pre><div class="subtext">b</div>'
    )


@given(hostile.results, hostile.hostile_names)
@settings(max_examples=40)
def test_nothing_steers_the_terminal(result: Result, name: str) -> None:
    texts = [table(result, name)]
    for style in Style:
        texts += (
            payload_text(message.payload(username=name, thread_name=name))
            for message in render(result, samples.WOLVES, style)
        )
    for text in texts:
        text.encode("utf-8")
        assert not any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text.replace("\n", ""))
        assert not any(map(judge.reorders, text.split("\n")))


def test_a_payload_from_elsewhere_cannot_steer_the_terminal_either() -> None:
    body = {"content": "a\x1b[2J", "embeds": [{"footer": {"text": "b\x07"}}]}
    assert payload_text(body) == "a[2J\n│\n│ b"


def test_a_table_lists_every_row_with_exact_figures() -> None:
    text = table(samples.DAILY, "Demo Wolves")
    assert "1  Ada                      1,234,567,890  89,000" in text
    assert "Not in the database: commit_crime_event.bounty" in text
    assert "A quiet day" in table(samples.EMPTY_SPACE, "Demo Wolves")
