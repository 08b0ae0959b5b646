"""Pages: thin function views, one file per page family. Every one declares who may see it."""
