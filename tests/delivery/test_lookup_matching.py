"""Knowing a stored message again."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.delivery.matching import same
from bot.sandbox.bodies import stored_embed

texts = st.text(max_size=60)
embeds = st.fixed_dictionaries(
    {},
    optional={
        "title": texts,
        "description": texts,
        "footer": st.fixed_dictionaries({"text": texts}),
        "author": st.fixed_dictionaries({"name": texts}),
        "fields": st.lists(
            st.fixed_dictionaries({"name": texts, "value": texts, "inline": st.booleans()}),
            max_size=3,
        ),
        "color": st.integers(0, 0xFFFFFF),
    },
)


@given(content=texts, embeds=st.lists(embeds, max_size=3))
def test_what_was_stored_of_any_text_is_known_again(
    content: str, embeds: list[dict[str, Any]]
) -> None:
    payload = {"content": content, "embeds": embeds}
    stored = {"content": content.strip(), "embeds": [stored_embed(embed) for embed in embeds]}
    assert same(payload, stored)


@given(
    message=st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: (
            st.lists(inner) | st.dictionaries(st.sampled_from(["embeds", "fields"]), inner)
        ),
    )
)
def test_a_stored_message_of_any_shape_can_be_compared(message: Any) -> None:
    assert not same({"content": "words"}, {"embeds": message, "content": message and 1})


@given(st.integers(), st.integers())
def test_another_figure_makes_another_message(one: int, other: int) -> None:
    pair = ({"content": f"Ada | {number} Cr."} for number in (one, other))
    assert same(*pair) is (one == other)
