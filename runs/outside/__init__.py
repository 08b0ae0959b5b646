"""Requests to addresses that people wrote: only to where they may go, and never to our own network."""
