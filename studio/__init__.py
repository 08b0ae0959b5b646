"""Run Studio: the Django project and everything that also lives on a training machine. Imports nothing."""

__version__ = "0.1.0"
