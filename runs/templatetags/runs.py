"""What templates say about runs."""

from django import template

register = template.Library()
