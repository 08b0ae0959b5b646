"""Settings, as the environment of a start says them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.studio_process import ROOT

_SHOW = """
import json, sys
from studio import settings
print(json.dumps([getattr(settings, name) for name in sys.argv[1:]], default=str))
"""


@pytest.fixture
def told(tmp_path: Path) -> Any:
    def told(*names: str, **environment: str) -> list[Any]:
        environment |= {"PATH": os.environ["PATH"], "STUDIO_DATA_DIR": str(tmp_path)}
        done = subprocess.run(
            [sys.executable, "-c", _SHOW, *names],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        values: list[Any] = json.loads(done.stdout)
        return values

    return told


def test_without_a_setting_no_mail_goes_out(told: Any) -> None:
    assert told("HAS_EMAIL", "EMAIL_BACKEND") == [
        False,
        "django.core.mail.backends.dummy.EmailBackend",
    ]


def test_one_setting_says_how_mails_go_out(told: Any) -> None:
    names = (
        *("HAS_EMAIL", "EMAIL_HOST", "EMAIL_PORT", "EMAIL_HOST_USER", "EMAIL_HOST_PASSWORD"),
        *("EMAIL_USE_TLS", "EMAIL_USE_SSL", "DEFAULT_FROM_EMAIL"),
    )
    url = "smtp+tls://studio%40example.org:a%2Fb@mail.example.org:587"
    assert told(*names, STUDIO_EMAIL_URL=url, STUDIO_PUBLIC_URL="https://runs.example.org") == [
        *(True, "mail.example.org", 587, "studio@example.org", "a/b", True, False),
        "Run Studio <studio@runs.example.org>",
    ]


def test_only_with_https_a_proxy_of_this_machine_is_believed(told: Any) -> None:
    assert told("TRUSTED_PROXIES") == [[]]
    assert told("TRUSTED_PROXIES", STUDIO_PUBLIC_URL="https://runs.example.org") == [
        ["127.0.0.0/8", "::1/128"]
    ]
    assert told("TRUSTED_PROXIES", STUDIO_TRUSTED_PROXIES="10.1.2.3") == [["10.1.2.3/32"]]
