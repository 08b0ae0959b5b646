"""Browsers of the cast."""

from tests.pages.conftest import browser

__all__ = ["browser"]
