"""Links lead somewhere, and pictures are described."""

from __future__ import annotations

import pytest

from tests.docs.pages import ROOT, Link, anchors_of, links, name_of, pages

LEAST_WORDS = 6


def is_ours(link: Link) -> bool:
    return "://" not in link.target


@pytest.mark.parametrize(
    "link",
    [link for link in links() if is_ours(link)],
    ids=lambda link: f"{link.page}:{link.target}",
)
def test_a_link_within_leads_to_a_file_and_a_heading(link: Link) -> None:
    path, _, anchor = link.target.partition("#")
    page = (ROOT / link.page).parent / path if path else ROOT / link.page

    assert page.exists()
    if anchor:
        assert anchor in anchors_of(page)


def test_links_to_elsewhere_are_encrypted() -> None:
    outside = [link.target for link in links() if not is_ours(link)]
    assert [target for target in outside if not target.startswith("https://")] == []


def test_pictures_have_words_for_those_who_cannot_see_them() -> None:
    pictures = [link for link in links() if link.is_image]
    assert pictures
    assert [link for link in pictures if len(link.text.split()) < LEAST_WORDS] == []


def test_every_page_of_the_docs_can_be_reached_from_the_readme() -> None:
    reached, new = set(), {"README.md"}
    while new:
        reached |= new
        new = {_page_of(link) for link in links() if link.page in new and is_ours(link)} - reached
    assert {name_of(page) for page in pages()} - reached == set()


def _page_of(link: Link) -> str:
    path = link.target.partition("#")[0]
    if not path:
        return link.page
    target = ((ROOT / link.page).parent / path).resolve()
    return target.relative_to(ROOT.resolve()).as_posix()
