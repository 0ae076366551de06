"""Tests of what ``bgs-bot init`` is made of."""
