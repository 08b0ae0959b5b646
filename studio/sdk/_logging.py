"""Everything that logs, for runs of the studio and offline ones alike."""

from __future__ import annotations

import io
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from studio.contract.words import MetricKind
from studio.sdk import _values
from studio.sdk._exceptions import UserErrorException

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping


class Logging:
    """The methods that log. What is logged is on disk when they return, and sent in the background.

    A metric keeps the kind of its first value; all raise ``UserErrorException`` for another kind
    and for what cannot be stored.
    """

    def _add_rows(self, rows: list[dict[str, Any]]) -> None:
        """Keep rows that are fit to be sent."""
        raise NotImplementedError

    @property
    def parameters(self) -> dict[str, str]:
        """What the run is configured with, as last seen."""
        raise NotImplementedError

    def upload_file(
        self, name: str, path_or_stream: str | os.PathLike[str] | BinaryIO, **ignored: Any
    ) -> None:
        """Store a file of the run under ``name``."""
        raise NotImplementedError

    def log(self, name: str, value: object, description: str = "", step: int | None = None) -> None:
        """Log one value: a number, a text, a bool or None."""
        self._log([_values.scalar(name, value, description=description, step=step)])

    def log_list(self, name: str, value: object, description: str = "") -> None:
        """Log a series of values: any iterable, an array of numpy as well."""
        self._log(_values.series(name, value, description=description))

    def log_row(self, name: str, description: str | None = None, **columns: object) -> None:
        """Log one row of a table, by columns: ``log_row("fit", x=1, y=2.5)``."""
        self._log([_values.table_row(name, columns, description=description or "")])

    def log_table(self, name: str, value: Mapping[str, object], description: str = "") -> None:
        """Log rows of a table: a dict of column to values, all columns of one length."""
        self._log(_values.table(name, value, description=description))

    def log_image(
        self, name: str, path: str | None = None, plot: Any = None, description: str = ""
    ) -> None:
        """Log an image: the path of a file, or a plot that can be saved (``savefig``)."""
        if (path is None) == (plot is None):
            raise UserErrorException(f'Metric "{name}": give either a path or a plot.')
        if path is not None:
            stored = Path(path).as_posix().removeprefix("./").lstrip("/")
            self.upload_file(stored, path)
        else:
            stored = f"{name}_{int(time.time())}.png"
            picture = io.BytesIO()
            plot.savefig(picture, format="png")
            picture.seek(0)
            self.upload_file(stored, picture)
        self._log([_values.artifact(name, MetricKind.IMAGE, stored, description=description)])

    def log_confusion_matrix(self, name: str, value: object, description: str = "") -> None:
        """Log a confusion matrix: a dict or JSON text with class_labels and matrix."""
        self._log_chart(name, MetricKind.CONFUSION_MATRIX, value, description)

    def log_accuracy_table(self, name: str, value: object, description: str = "") -> None:
        """Log an accuracy table, from which ROC and other curves are drawn."""
        self._log_chart(name, MetricKind.ACCURACY_TABLE, value, description)

    def log_residuals(self, name: str, value: object, description: str = "") -> None:
        """Log the data of a histogram of residuals."""
        self._log_chart(name, MetricKind.RESIDUALS, value, description)

    def log_predictions(self, name: str, value: object, description: str = "") -> None:
        """Log the data of a chart of predicted against true values."""
        self._log_chart(name, MetricKind.PREDICTIONS, value, description)

    def log_parameter(self, key: str, value: object) -> None:
        """Log one thing that the run is configured with: ``log_parameter("lr", 0.01)``."""
        self.log_parameters({key: value})

    def log_parameters(self, parameters: Mapping[str, object]) -> None:
        """Log what the run is configured with, as texts. It never changes afterwards.

        Raises:
            UserErrorException: one is known with another value, or cannot be stored.
        """
        logged: dict[str, str] = self.__dict__.setdefault("_configured", {})
        rows = _values.parameters(parameters, {**self.parameters, **logged})
        self._add_rows(rows)
        logged.update({row["name"]: row["value"] for row in rows})

    def _log_chart(self, name: str, kind: MetricKind, value: object, description: str) -> None:
        self.upload_file(name, io.BytesIO(_values.json_text(name, value)))
        self._log([_values.artifact(name, kind, name, description=description)])

    def _log(self, rows: list[dict[str, Any]]) -> None:
        kinds: dict[str, str] = self.__dict__.setdefault("_kinds", {})
        for row in rows[:1]:
            known = kinds.setdefault(row["name"], row["kind"])
            if known != row["kind"]:
                raise UserErrorException(
                    f'Metric "{row["name"]}" is of kind {known} in this run, not {row["kind"]}. '
                    "Give it another name."
                )
        self._add_rows(rows)
