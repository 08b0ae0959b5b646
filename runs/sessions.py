"""The studio's sessions: Django's, with their person in a column, so that they can be listed and ended."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db

from runs.models import Session
from runs.room import if_there_is_room


class SessionStore(db.SessionStore):
    """Keeps sessions in rows of our own."""

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the rows."""
        return Session

    def save(self, must_create: bool = False) -> None:
        """Store it. A page that only noted something in it is shown without room on the disk, too."""
        with contextlib.nullcontext() if must_create else if_there_is_room():
            super().save(must_create)

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row to store, with its person."""
        row = super().create_model_instance(data)
        whose = int(data[SESSION_KEY]) if SESSION_KEY in data else None
        return Session(row.session_key, row.session_data, row.expire_date, user_id=whose)
