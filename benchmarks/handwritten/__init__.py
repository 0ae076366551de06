"""The same reports as SQL written by hand for one engine: what we measure against.

It owes nothing to older databases, filters or ticks, goes straight to the
driver, and knows which indexes are there. The answers must still be equal.
"""
