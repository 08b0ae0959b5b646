"""How passwords are kept."""

from __future__ import annotations

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2(Argon2PasswordHasher):
    """Argon2id at the cost that OWASP names.

    Django's own setting takes 100 MB for each sign-in, which a few visitors at once make a gigabyte.
    """

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
