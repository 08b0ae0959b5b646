"""Files that forms send: read no further than what is taken."""

from __future__ import annotations

from django.core.files.uploadhandler import StopUpload, TemporaryFileUploadHandler

from studio.contract import limits


class LimitedUpload(TemporaryFileUploadHandler):
    """Keeps a file in a temporary place, and stops where it is longer than any form takes."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Take a piece of the file."""
        if start + len(raw_data) > limits.ATTACHMENT_BYTES:
            # The rest is read and thrown away, so that the page can still say what is wrong.
            raise StopUpload(connection_reset=False)
        return super().receive_data_chunk(raw_data, start)
