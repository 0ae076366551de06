"""Acceptance tests: the real command, real databases, a real receiver."""
