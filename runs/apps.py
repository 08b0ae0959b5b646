"""Django's handle on the domain app."""

from django.apps import AppConfig


class RunsConfig(AppConfig):
    """Runs, and everything that hangs on them."""

    name = "runs"
    default_auto_field = "django.db.models.BigAutoField"
