"""What the settings of a server promise; what rooms promise stands in theirs."""

from __future__ import annotations

import importlib.metadata
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from runs.actions import tokens
from runs.models import User
from tests.acceptance.studio_process import ROOT
from tests.packaging.test_settings import told

__all__ = ["told"]
PUBLIC = "https://runs.example.org"
# Older ones have known faults that we would inherit.
FLOORS = {"django": (5, 2, 14), "nh3": (0, 3), "markdown-it-py": (3,), "pyjwt": (2, 10)}


@pytest.mark.parametrize(
    "key", ["changeme", "a" * 64, "django-insecure-" + "0123456789abcdef" * 4, "0123456789" * 3]
)
def test_a_secret_key_that_others_could_guess_starts_nothing(tmp_path: Path, key: str) -> None:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("STUDIO_")}
    environment |= {"STUDIO_DATA_DIR": str(tmp_path), "STUDIO_SECRET_KEY": key}
    done = subprocess.run(
        [sys.executable, "-c", "import studio.settings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "STUDIO_SECRET_KEY should be at least" in done.stderr
    assert "Traceback" not in done.stderr
    assert key not in done.stderr


def test_a_good_key_of_ones_own_is_taken(told: Any) -> None:
    assert told("SECRET_KEY", "SECRET_KEY_FALLBACKS", STUDIO_SECRET_KEY="k3y-" * 3 + "0123456789abcdefghij",
                STUDIO_SECRET_KEY_FALLBACKS="older,oldest") == [
        "k3y-k3y-k3y-0123456789abcdefghij", ["older", "oldest"]]  # fmt: skip


def test_debug_is_off_and_only_the_hosts_that_are_named_are_served(told: Any) -> None:
    names = ("DEBUG", "USE_X_FORWARDED_HOST", "ALLOWED_HOSTS", "CSRF_TRUSTED_ORIGINS")
    mine = ["localhost", "127.0.0.1", "[::1]"]
    assert told(*names) == [False, False, [*mine, "127.0.0.1"], []]
    assert told(*names, STUDIO_PUBLIC_URL=PUBLIC) == [
        *(False, False, [*mine, "runs.example.org"], [PUBLIC]),
    ]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example"]
)
@pytest.mark.parametrize("path", ["/sign-in/", "/api/v1/", "/healthz"])
def test_a_host_that_is_not_named_gets_nothing(
    settings: LazySettings, client: Client, db: None, host: str, path: str
) -> None:
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]
    client.raise_request_exception = False
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == 400
    assert host not in answer.content.decode()


def test_cookies_are_for_this_host_and_for_tls_only(told: Any) -> None:
    names = (
        *("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "SESSION_COOKIE_SECURE", "CSRF_COOKIE_SECURE"),
        *("SESSION_COOKIE_HTTPONLY", "CSRF_COOKIE_HTTPONLY", "SESSION_COOKIE_SAMESITE"),
        *("CSRF_COOKIE_SAMESITE", "SESSION_COOKIE_AGE"),
    )
    session, csrf, *rest = told(*names, STUDIO_PUBLIC_URL=PUBLIC)
    assert session.startswith("__Host-session-")
    assert csrf.startswith("__Host-csrf-")
    assert rest == [True, True, True, True, "Lax", "Lax", 14 * 24 * 3600]


def test_browsers_come_back_over_tls_for_a_year(told: Any) -> None:
    names = ("SECURE_HSTS_SECONDS", "SECURE_SSL_REDIRECT")
    assert told(*names, STUDIO_PUBLIC_URL=PUBLIC) == [365 * 24 * 3600, True]
    assert told(*names) == [0, False]


def test_a_page_tells_other_sites_nothing_of_itself(client: Client, db: None) -> None:
    headers = client.get("/sign-in/").headers
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_a_token_in_an_address_and_a_cookie_open_no_part_of_the_api(
    alice: User, workspace: object
) -> None:
    client = Client()
    client.force_login(alice)
    token = tokens.issue(alice, "t")
    for name in ("token", "access_token", "Authorization"):
        assert client.get(f"/api/v1/workspaces?{name}={token}").status_code == 401
    assert client.get("/api/v1/workspaces", headers={"Authorization": f"Bearer {token}"}).json()


@pytest.mark.parametrize("name", sorted(FLOORS))
def test_no_library_is_older_than_its_known_faults(name: str) -> None:
    text = importlib.metadata.version(name)
    version = tuple(int(part) for part in text.split(".") if part.isdigit())
    assert version >= FLOORS[name]


def test_every_library_of_the_lock_has_its_hash() -> None:
    lock = (ROOT / "uv.lock").read_text(encoding="utf-8")
    files = [line for line in lock.splitlines() if 'url = "https://' in line and "{" in line]
    assert len(files) > 100
    assert [line for line in files if 'hash = "sha256:' not in line] == []


def test_how_to_report_a_weakness_is_said() -> None:
    text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
    for word in ("privately", "90 days", "newest release"):
        assert word in text
