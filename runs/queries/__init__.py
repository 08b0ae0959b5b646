"""What only reads: which runs are meant."""
