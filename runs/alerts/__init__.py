"""Telling people: rules held against what happened, messages written, and sent until they arrive."""
