"""Letters for services other than Discord: they fit, they split, and no name does anything."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser
from typing import TYPE_CHECKING

import pytest
from apprise import NotifyFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.rendering.letters import Letter, Manner, harmless, letters, note
from bot.services import open_plugin
from tests.rendering import hostile, samples

if TYPE_CHECKING:
    from bot.rendering.letters import Format
    from bot.reports.results import Result

SLACK = "slack://T00000000/B00000000/XXXXXXXXXXXXXXXXXXXXXXXX"
TELEGRAM = "tgram://123456789:abcdefg_hijklmnop/-1001234567890"

manners = st.builds(
    Manner,
    st.sampled_from(["text", "markdown", "html"]),
    st.sampled_from([140, 160, 300, 512, 1000, 2000, 4096, 32768]),
    st.sampled_from([0, 60, 250]),
    st.sampled_from([0, 0, 2, 10]),
)
WIDE = {name: Manner(name, 32768, 250) for name in ("text", "markdown", "html")}


class Tags(HTMLParser):
    """Reads HTML as a mail program does."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.attributes: list[object] = []
        self.text = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")

    def handle_data(self, data: str) -> None:
        self.text += data


def addresses(line: str) -> list[str]:
    """Return what a service could take for a domain, with or without a path, or for an IP."""
    found = []
    for token in line.split():
        for left, right in itertools.pairwise(token.split(".")):
            is_name = right[:2].isalpha() and len(right) > 1
            if left and (is_name or (right[:1].isalpha() and not right[:1].isascii())):
                found.append(token)
        found += re.findall(r"\d+\.\d+\.\d+\.\d+", token, re.ASCII)
    return found


def words(text: str) -> str:
    """Return a text without what only separates."""
    return re.sub(r"\s+", "", text)


@pytest.mark.parametrize("name", ["text", "markdown", "html"])
def test_a_report_is_one_letter_with_its_title(name: Format) -> None:
    [letter] = letters(samples.GROUND, "Wolves & Sons", WIDE[name])
    assert letter.title == "Ground CZ Summary · 2026-11-23 to 2026-11-29 · Wolves & Sons"
    assert "Martinez Horticultural Exchange and Sons" in letter.body


def test_text_has_no_rules_and_markdown_has_its_tables_in_code() -> None:
    [text] = letters(samples.DAILY, "Wolves", WIDE["text"])
    assert "----" not in text.body
    [markdown] = letters(samples.DAILY, "Wolves", WIDE["markdown"])
    assert markdown.body.startswith("```\nMarket Events (14 CMDRs, 2,345,678,901 Cr, 151,234 t)\n#")
    assert markdown.body.count("```") % 2 == 0


def test_a_service_without_titles_gets_it_in_the_body() -> None:
    heads = {
        name: letters(samples.SPACE, "Wolves", Manner(name, 9000, 0))[0].body.split("\n")[0]
        for name in ("text", "markdown", "html")
    }
    title = "Space CZ Summary · 2025-09-12 · Wolves"
    assert heads == {
        "text": title,
        "markdown": f"**{title}**",
        "html": f"<p><b>{title}</b></p>",
    }


def test_a_long_table_is_split_between_lines_and_its_head_repeated() -> None:
    parts = letters(samples.DAILY, "Wolves", Manner("markdown", 600, 100))
    assert [part.title.rpartition(" ")[2] for part in parts] == [
        f"[{number}/{len(parts)}]" for number in range(1, len(parts) + 1)
    ]
    for part in parts:
        assert part.body.count("```") % 2 == 0
    joined = "\n".join(part.body for part in parts)
    for line in letters(samples.DAILY, "Wolves", WIDE["markdown"])[0].body.split("\n"):
        assert line in joined


@settings(max_examples=150, deadline=None)
@given(hostile.results, hostile.hostile_names, manners)
def test_whatever_the_data_each_letter_fits_and_none_is_empty(
    result: Result, tenant: str, manner: Manner
) -> None:
    parts = letters(result, tenant, manner)
    assert parts
    for part in parts:
        assert part.body.strip()
        assert len(part.body) <= manner.body_limit
        assert len(part.title) <= manner.title_limit
        assert "\n" not in part.title


@settings(max_examples=100, deadline=None)
@given(hostile.results, hostile.hostile_names)
def test_whatever_the_data_slack_sees_no_mention_and_no_link(result: Result, tenant: str) -> None:
    plugin = open_plugin(SLACK)
    for letter in letters(result, tenant, Manner("markdown", 35000, 250)):
        shown = plugin.dialect_convert(letter.body, NotifyFormat.MARKDOWN)
        assert len(shown) <= plugin.body_maxlen
        assert "<" not in shown + letter.title
        assert "@" not in shown + letter.title
        outside = "".join(re.split(r"```\n.*?\n```", letter.body, flags=re.DOTALL))
        assert outside.strip() == ""


@settings(max_examples=100, deadline=None)
@given(hostile.results, hostile.hostile_names)
def test_whatever_the_data_a_page_has_our_tags_only(result: Result, tenant: str) -> None:
    plugin = open_plugin(TELEGRAM)
    for letter in letters(result, tenant, Manner("html", 4096, 0)):
        page = Tags(letter.body)
        assert set(page.tags) <= {"p", "b", "pre"}
        assert page.attributes == []
        shown = plugin.dialect_convert(letter.body, NotifyFormat.HTML)
        assert set(Tags(shown).tags) <= {"b", "pre"}
        assert words(Tags(shown).text) == words(page.text)
        assert len(shown) <= plugin.body_maxlen
        assert "@" not in shown


@given(hostile.hostile_names)
def test_a_harmless_line_has_no_mention_tag_link_or_code(name: str) -> None:
    line = harmless(name)
    assert set(line) & set("@<>`*[]|~\\") == set()
    assert re.search(r"(?i)https?:|www\.", line) is None
    assert addresses(line) == []
    assert harmless(line) == line


LINKS = "t.me evil example com рф भारत 中国 xn--p1ai co 192.168.0.1 3.5 a Ä 🐺 . . .. / - _ : @ ?"
links = st.lists(st.sampled_from([*LINKS.split(), " "]) | st.text(max_size=2), max_size=12).map(
    "".join
)


@settings(max_examples=500, deadline=None)
@given(links)
def test_no_token_is_left_that_a_service_could_take_for_an_address(name: str) -> None:
    line = harmless(name)
    assert addresses(line) == []
    assert harmless(line) == line


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("t.me/evil", "t․me/evil"),
        ("evil.example/path", "evil․example/path"),
        ("see (evil.co.uk)!", "see (evil․co․uk)!"),
        ("почта.рф", "почта․рф"),
        ("🐺.ws", "🐺․ws"),
        ("10.0.0.1/x", "10․0․0․1/x"),
    ],
)
def test_a_bare_domain_is_written_with_another_dot(name: str, shown: str) -> None:
    assert harmless(name) == shown


@pytest.mark.parametrize(
    "text",
    ["3.5 M", "1.2.3", "e.g. Sol", "U.S.S. Ada", "wait...what", "Dr. Who", "Col 285 Sector."],
)
def test_figures_and_abbreviations_keep_their_dots(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("name", ["Ada", "Brann O'Neil", "Kestrel_Prime", "Old-Hand & Sons", "猫"])
def test_an_ordinary_name_stays_as_it_is(name: str) -> None:
    assert harmless(name) == name


def test_a_note_is_one_short_letter() -> None:
    assert note("Test", "It works.", WIDE["html"]) == Letter("Test", "<pre>It works.</pre>")
