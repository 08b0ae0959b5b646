"""The commands of ``manage.py``: options and words; the work is done one folder up."""
