"""Callers of the API and browsers, as their own rooms make them."""

from __future__ import annotations

from tests.api.conftest import api
from tests.pages.conftest import browser

__all__ = ["api", "browser"]
