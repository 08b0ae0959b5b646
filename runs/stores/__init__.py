"""Numbers and bytes that do not belong into rows: metric chunks, logs, file contents."""
