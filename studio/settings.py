"""Settings, all from the environment. The data folder (STUDIO_DATA_DIR, else ./var) holds everything kept."""

from __future__ import annotations

import hashlib
import ipaddress
import sys
from pathlib import Path
from urllib.parse import urlsplit

import environ

from studio.contract import limits
from studio.secret import chosen, secret_key_in

env = environ.Env()

# A checkout has manage.py beside the package; an installed wheel carries the house in _bundled.
_PACKAGE = Path(__file__).resolve().parent
IS_CHECKOUT = (_PACKAGE.parent / "manage.py").exists()
ROOT = _PACKAGE.parent if IS_CHECKOUT else _PACKAGE / "_bundled"
if str(ROOT) not in sys.path:
    sys.path.append(str(ROOT))

DATA_DIR = Path(
    env.str("STUDIO_DATA_DIR", default=str(ROOT / "var" if IS_CHECKOUT else Path.cwd() / "var"))
)
DATA_DIR = DATA_DIR.expanduser().resolve()

DEBUG = env.bool("STUDIO_DEBUG", default=False)
_CHOSEN_KEY = env.str("STUDIO_SECRET_KEY", default="")
SECRET_KEY = chosen(_CHOSEN_KEY) if _CHOSEN_KEY else secret_key_in(DATA_DIR)
SECRET_KEY_FALLBACKS = env.list("STUDIO_SECRET_KEY_FALLBACKS", default=[])

# The address people and agents use; links in mails and launch specs are built from it, never from Host.
PUBLIC_URL = env.str("STUDIO_PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
_PUBLIC = urlsplit(PUBLIC_URL)
_HTTPS = _PUBLIC.scheme == "https"
# Only people at this machine come in: they may do without a password.
IS_LAPTOP = _PUBLIC.hostname in ("localhost", "127.0.0.1", "::1")
ALLOWED_HOSTS = [
    "localhost",
    "127.0.0.1",
    "[::1]",
    _PUBLIC.hostname or "localhost",
    *env.list("STUDIO_ALLOWED_HOSTS", default=[]),
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if _HTTPS else []
USE_X_FORWARDED_HOST = False
# Whose word counts on where a request comes from. We speak no TLS: with https a proxy stands before us.
TRUSTED_PROXIES = [
    ipaddress.ip_network(network, strict=False)
    for network in env.list(
        "STUDIO_TRUSTED_PROXIES", default=["127.0.0.0/8", "::1"] if _HTTPS else []
    )
]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _HTTPS else None

# Where mails go out, as smtp+tls://user:password@host:587; without it the studio sends none.
HAS_EMAIL = bool(env.str("STUDIO_EMAIL_URL", default=""))
_EMAIL = env.email_url("STUDIO_EMAIL_URL") if HAS_EMAIL else env.email_url_config("dummymail://")
EMAIL_BACKEND = _EMAIL["EMAIL_BACKEND"]
EMAIL_HOST, EMAIL_PORT = _EMAIL["EMAIL_HOST"] or "localhost", _EMAIL["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _EMAIL["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _EMAIL["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS, EMAIL_USE_SSL = (
    _EMAIL.get("EMAIL_USE_TLS", False),
    _EMAIL.get("EMAIL_USE_SSL", False),
)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.str(
    "STUDIO_EMAIL_FROM", default=f"Run Studio <studio@{_PUBLIC.hostname or 'localhost'}>"
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "runs",
]

MIDDLEWARE = [
    "runs.requests.EveryRequestIsKnown",
    "runs.headers.EveryAnswerIsOurs",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "runs.views.full_disk.AFullDiskIsTold",
    "runs.views.doors.EveryViewHasADoor",
]

ROOT_URLCONF = "studio.urls"
WSGI_APPLICATION = "studio.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "runs.views.full_disk.room_on_disk",
            ],
            "builtins": [
                "runs.templatetags.runs",
                "runs.templatetags.people",
                "django.templatetags.static",
            ],
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    ["django.template.loaders.filesystem.Loader"],
                )
            ],
        },
    }
]

# Measured: Django's default (deferred) transactions failed 46-97 % of writes at 8-32 writers,
# these none.
_SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;"
        "PRAGMA journal_size_limit=67108864; PRAGMA mmap_size=0"
    ),
}
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'studio.sqlite3'}")}
DATABASES["default"]["CONN_MAX_AGE"] = None
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = _SQLITE_OPTIONS

AUTH_USER_MODEL = "runs.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": limits.PASSWORD_MIN},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "name", "email"]},
    },
]
PASSWORD_HASHERS = ["runs.hashers.Argon2"]
SESSION_ENGINE = "runs.sessions"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
LOGIN_URL = "sign_in"

# Cookies do not know ports: two studios on one machine must not end each other's sessions.
_COOKIE_SUFFIX = hashlib.sha256(str(DATA_DIR).encode()).hexdigest()[:8]
_COOKIE_PREFIX = "__Host-" if _HTTPS else ""
SESSION_COOKIE_NAME = f"{_COOKIE_PREFIX}session-{_COOKIE_SUFFIX}"
CSRF_COOKIE_NAME = f"{_COOKIE_PREFIX}csrf-{_COOKIE_SUFFIX}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _HTTPS
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 14 * 24 * 3600
# Pages only: agents and probes of this machine speak to the API and to the health pages without TLS.
SECURE_SSL_REDIRECT = _HTTPS
SECURE_REDIRECT_EXEMPT = [
    *(r"^api/", r"^healthz$", r"^readyz$", r"^metrics$"),
    *(r"^(w/[^/]+/)?(ajax-)?api/", r"^(w/[^/]+/)?(health|version)$"),
]
# Whether other hosts of the domain may do without TLS, and a browser's own list of hosts, are not ours.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if _HTTPS else 0
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:"],
        "media-src": ["'self'"],
        "connect-src": ["'self'"],
        "font-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
# Where webhooks may go besides the public network.
WEBHOOK_ALLOW = [
    ipaddress.ip_network(text, strict=False)
    for text in env.list("STUDIO_WEBHOOK_ALLOW", default=[])
]
# Where weaknesses of this studio are reported: an address of mail or of the web, without a line break.
SECURITY_CONTACT = env.str("STUDIO_SECURITY_CONTACT", default="").partition("\n")[0].strip()
# Single sign-on by OpenID Connect: the provider, what it calls us, and whom it may let in.
OIDC_ISSUER = env.str("STUDIO_OIDC_ISSUER", default="")
OIDC_CLIENT_ID = env.str("STUDIO_OIDC_CLIENT_ID", default="")
OIDC_CLIENT_SECRET = env.str("STUDIO_OIDC_CLIENT_SECRET", default="")
OIDC_NAME = env.str("STUDIO_OIDC_NAME", default="single sign-on")
OIDC_DOMAINS = [domain.casefold() for domain in env.list("STUDIO_OIDC_DOMAINS", default=[])]
OIDC_MAKE_USERS = env.bool("STUDIO_OIDC_MAKE_USERS", default=False)
OIDC_ROLES: dict[str, str] = env.dict("STUDIO_OIDC_ROLES", default={})
# Where the provider may be besides the public network.
OIDC_ALLOW = [
    ipaddress.ip_network(text, strict=False) for text in env.list("STUDIO_OIDC_ALLOW", default=[])
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_HANDLERS = ["runs.uploads.LimitedUpload"]

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [ROOT / "static"]
# Only our own files: a library's static folder holds modules whose imports lead nowhere here.
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "runs.staticfiles.HashedStaticFiles"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "text": {"()": "studio.log_lines.TextLines"},
        "json": {"()": "studio.log_lines.JsonLines"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "json"
            if env.str("STUDIO_LOG_FORMAT", default="text") == "json"
            else "text",
        }
    },
    "root": {"handlers": ["console"], "level": env.str("STUDIO_LOG_LEVEL", default="WARNING")},
    # A request that was refused is the caller's affair; nobody at the terminal needs to read it.
    "loggers": {"django.request": {"level": env.str("STUDIO_LOG_LEVEL", default="ERROR")}},
}

# Whoever reads /metrics shows it as a bearer token; without it nobody reads them.
METRICS_TOKEN = env.str("STUDIO_METRICS_TOKEN", default="")

# Seconds. A run that beat once and then fell silent: not responding, and later failed.
RUN_SILENT_SECONDS = env.float(
    "STUDIO_RUN_SILENT_SECONDS", default=limits.BEAT_SECONDS * limits.BEATS_MISSED
)
RUN_LOST_SECONDS = env.float("STUDIO_RUN_LOST_SECONDS", default=600)
CANCEL_UNANSWERED_SECONDS = env.float("STUDIO_CANCEL_UNANSWERED_SECONDS", default=20)
# What all logs of one run may have together.
LOG_BYTES_PER_RUN = env.int("STUDIO_LOG_BYTES_PER_RUN", default=limits.LOG_BYTES_PER_RUN)
GRACE_SECONDS = env.float("STUDIO_GRACE_SECONDS", default=limits.GRACE_SECONDS)
