"""The ``studio`` command. It knows the SDK and nothing of Django."""
