"""The studio's settings with a data folder of its own for every test process."""

import os
import tempfile
from pathlib import Path

# Before the settings are read: a test never touches the data of a studio that somebody uses.
os.environ["STUDIO_DATA_DIR"] = tempfile.mkdtemp(prefix="studio-test-")
for _name in (
    "STUDIO_URL",
    "STUDIO_TOKEN",
    "STUDIO_WORKSPACE",
    "STUDIO_RUN_ID",
    "STUDIO_PUBLIC_URL",
    "STUDIO_EMAIL_URL",
    "STUDIO_EMAIL_FROM",
):
    os.environ.pop(_name, None)

from studio.settings import *  # noqa: E402, F403
from studio.settings import DATA_DIR, DATABASES, STORAGES  # noqa: E402

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["*"]
Path(DATA_DIR, "static").mkdir(parents=True, exist_ok=True)
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in life: the threads of a test's server would share one connection in memory.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(DATA_DIR, "test.sqlite3"))}
