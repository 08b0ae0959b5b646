"""What a studio behind TLS tells browsers, and that Django finds nothing to warn of."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from tests.acceptance.studio_process import ROOT

PUBLIC = "https://runs.example.org"


def test_django_warns_of_nothing_in_the_settings_of_a_server(tmp_path: Path) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")}
    kept |= {"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_PUBLIC_URL": PUBLIC}
    kept.pop("DJANGO_SETTINGS_MODULE", None)
    command = [sys.executable, str(ROOT / "manage.py"), "check", "--deploy"]
    done = subprocess.run(
        [*command, "--fail-level", "WARNING"], env=kept, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def behind_tls(settings: LazySettings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")


def test_a_page_is_only_shown_over_tls(behind_tls: None, client: Client, db: None) -> None:
    answer = client.get("/sign-in/", headers={"Host": "runs.example.org"})
    assert (answer.status_code, answer["Location"]) == (301, f"{PUBLIC}/sign-in/")
    seen = client.get("/sign-in/", headers={"X-Forwarded-Proto": "https"})
    assert seen.status_code == 200


@pytest.mark.parametrize("path", ["/api/v1/", "/healthz", "/readyz"])
def test_programs_of_the_machine_need_none(
    behind_tls: None, client: Client, db: None, path: str
) -> None:
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/", "/healthz", "/no/such/page"])
def test_every_answer_tells_the_browser_what_it_may_not(
    client: Client, db: None, path: str
) -> None:
    headers = client.get(path).headers
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "Access-Control-Allow-Origin" not in headers
