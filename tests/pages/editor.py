"""The editor of a description, as a form that tests fill in."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.test import Client

from runs.models import Run

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def place(run: Run, *parts: str) -> str:
    return "/".join([f"/w/main/runs/{run.run_id}", *parts, ""])


def html(answer: Any) -> str:
    return str(answer.content.decode())


def field(answer: Any, name: str) -> str:
    (value,) = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', html(answer))[:1]
    return unescape(value)


def written(answer: Any) -> str:
    (text,) = re.findall(r"<textarea[^>]*>\n(.*?)</textarea>", html(answer), re.DOTALL)
    return unescape(text)


def send(client: Client, run: Run, opened: Any, text: str, **more: Any) -> Any:
    asked = {"version": field(opened, "version"), "base": field(opened, "base"), "text": text}
    return client.post(place(run, "description"), {**asked, **more})


def text_of(run: Run) -> str:
    return Run.objects.get(pk=run.pk).description
