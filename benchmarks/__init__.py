"""Measurements of the product, apart from the tests."""
