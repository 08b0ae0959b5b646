"""The studio's sessions: Django's, with their person in a column, so that they can be listed and ended."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from runs.models import Session


class SessionStore(db.SessionStore):
    """Keeps sessions in rows of our own."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the rows."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row to store, with its person."""
        row = super().create_model_instance(data)
        whose = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return Session(row.session_key, row.session_data, row.expire_date, user_id=whose)
