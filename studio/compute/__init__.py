"""Agents and backends: who takes runs for a compute target, and how they are placed there."""
