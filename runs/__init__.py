"""The domain app: the only place that knows the database."""
