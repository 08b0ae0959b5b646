"""The process beside a script: starts it, streams its log, beats, and stops it when asked.

Standard library and the SDK's transport only, so that it runs wherever the script runs.
"""
