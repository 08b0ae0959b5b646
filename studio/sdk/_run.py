"""One run: how it goes, what is logged to it, and how it ends."""

from __future__ import annotations

import sys
import time
import traceback
import warnings
from typing import TYPE_CHECKING, Any

from studio.contract import limits, words
from studio.sdk import _children, _context, _ends, _error, _metrics, _wait
from studio.sdk._beats import Beats
from studio.sdk._capture import Capture
from studio.sdk._exceptions import RunEnvironmentException, ServiceException, UserErrorException
from studio.sdk._family import Family
from studio.sdk._finding import Finding
from studio.sdk._kept import Kept, tell
from studio.sdk._logging import Logging
from studio.sdk._record import Record
from studio.sdk._sender import Sender

if TYPE_CHECKING:
    import builtins
    from pathlib import Path
    from types import TracebackType

    from studio.sdk._experiment import Experiment
    from studio.sdk._offline import OfflineRun

_TERMINAL = {status.value for status in words.TERMINAL}
_current: Run | OfflineRun | None = None


class Run(Record, Logging, Family, Finding):
    """A run of an experiment.

    ``Experiment.start_logging`` and ``Experiment.submit`` make one, ``Run.get`` finds one, and
    ``Run.get_context`` returns the one that this script runs for.
    """

    def __init__(self, experiment: Experiment, run_id: str) -> None:
        told = _children.record(experiment.workspace, run_id)
        if told["experimentName"] != experiment.name:
            raise UserErrorException(
                f'There is no run "{run_id}" in the experiment {experiment.name}; it is one of '
                f"{told['experimentName']}. Run.get(workspace, run_id) needs no experiment."
            )
        self._become(experiment, told)

    @classmethod
    def _known(cls, experiment: Experiment, told: dict[str, Any]) -> Run:
        run = cls.__new__(cls)
        run._become(experiment, told)
        return run

    def _become(self, experiment: Experiment, told: dict[str, Any]) -> None:
        self._keep(experiment, told)
        self._sender = Sender(self.id, self._transport)
        self._parent: Run | None = None
        self._beats: Beats | None = None
        self._capture: Capture | None = None
        self._stopped: Capture | None = None
        self._outputs: Path | None = None
        # Inside a submitted script the runner sets the status, from the exit code.
        self._is_led_by_runner = False

    @staticmethod
    def get_context(allow_offline: bool = True, **ignored: Any) -> Run | OfflineRun:
        """Return the run that this script was submitted as; the same object each time.

        Outside a submitted run it returns an offline run, which keeps values in this process only.

        Raises:
            RunEnvironmentException: outside a submitted run, with ``allow_offline=False``.
        """
        global _current
        if _current is None:
            context = _context.find()
            if context is not None:
                _current = _children.of_context(context)
                _current._is_led_by_runner = True
            elif not allow_offline:
                raise RunEnvironmentException(
                    "This script was not submitted as a run. "
                    "Use Experiment.start_logging() to log from here."
                )
            else:
                from studio.sdk._offline import OfflineRun

                _current = OfflineRun()
        return _current

    @property
    def parent(self) -> Run | None:
        """The run that this one is a child of; asked once, then kept."""
        if self._parent is None and self._told["parentRunId"]:
            self._parent = _children.by_id(self.experiment.workspace, self._told["parentRunId"])
        return self._parent

    # How it goes

    def get_status(self) -> str:
        """Return the status now; the studio is not asked once the run has ended."""
        status = super().get_status()
        # This script runs: the word of its runner may only be on its way.
        return "Running" if self._is_led_by_runner and status in words.WAITING else status

    def get_metrics(
        self,
        name: str | None = None,
        recursive: bool = False,
        run_type: str | None = None,
        populate: bool = False,
    ) -> dict[str, Any]:
        """Return logged values by metric: one value as it is, several as a list.

        With ``recursive`` they are by run id first, for this run and all runs below it. What the
        runner measured of the machine, ``system/…``, is returned only when asked for by name.
        ``run_type`` leaves other runs out; ``populate`` returns images and charts as bytes.
        """
        self._sender.flush(limits.EXIT_WAIT_SECONDS)
        below = self.get_children(recursive=True) if recursive else iter(())
        chosen = [run for run in (self, *below) if run_type in (None, run.type)]
        found = {
            run.id: _metrics.read(run._transport, run.id, name, populate=populate) for run in chosen
        }
        if not recursive:
            return found.get(self.id, {})
        return {run_id: metrics for run_id, metrics in found.items() if metrics}

    def get_parameters(self) -> dict[str, str]:
        """Return what the run is configured with, now: what waits to be sent is sent first."""
        self._sender.flush(limits.EXIT_WAIT_SECONDS)
        return super().get_parameters()

    def wait_for_completion(
        self,
        show_output: bool = False,
        wait_post_processing: bool = False,
        raise_on_error: bool = True,
    ) -> dict[str, Any]:
        """Wait until the run has ended; returns its details. ``show_output`` prints its log.

        Raises:
            ActivityFailedException: the run failed, unless ``raise_on_error`` is False.
            ExperimentExecutionException: Ctrl-C; the run goes on.
        """
        return _wait.wait(self, show_output=show_output, raise_on_error=raise_on_error)

    # What is logged

    def _add_rows(self, rows: list[dict[str, Any]]) -> None:
        for row in rows:
            self._sender.log(row)

    def flush(self, timeout_seconds: float = 300) -> None:
        """Wait until everything logged has arrived.

        Raises:
            ServiceException: it has not, after that time. It is kept on disk all the same.
        """
        left = self._sender.flush(timeout_seconds)
        if left:
            raise ServiceException(f"{left} values have not arrived yet; they are kept on disk.")

    # How it ends

    def start(self) -> None:
        """Say that a run which was made elsewhere runs now."""
        self._told = self._transport.run("POST", self.id, "start", json={}).json()

    def complete(self) -> None:
        """End the run well: everything logged is sent first. Inside a submitted script only that.

        While the studio is away, the end is kept on disk like what was logged.
        """
        kept = self._leave()
        if self._is_led_by_runner:
            tell(kept)
        else:
            self._finish("complete", {}, kept)

    def fail(
        self, error_details: str | BaseException | None = None, error_code: str | None = None
    ) -> None:
        """End the run as failed, with a text or an exception.

        Inside a submitted script it is kept for the runner, which ends the run with it; while the
        studio is away, the end is kept on disk like what was logged.

        Raises:
            TypeError: ``error_details`` is neither.
        """
        error = _error.document(error_details, error_code)
        kept = self._leave()
        if self._is_led_by_runner:
            tell(kept)
            _metrics.keep_error(self.id, error)
        else:
            self._finish("fail", {"error": error}, kept)

    def cancel(self) -> None:
        """Ask the run to stop. Inside a submitted script it only warns."""
        if self._is_led_by_runner:
            warnings.warn("A script does not cancel its own run; end the script.", stacklevel=2)
            return
        self._sender_flush()
        self._upload_outputs()
        self._end("cancel", {})

    def __enter__(self) -> Run:
        if not self._is_led_by_runner:
            self._capture = Capture(self.id, self._transport)
        return self

    def __exit__(
        self,
        kind: builtins.type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        is_good = error is None or (isinstance(error, SystemExit) and error.code in (None, 0))
        if self._capture is not None:
            self._stopped, self._capture = self._capture, None
            # Python prints it only after this block, so the log would not have it.
            self._stopped.stop("" if is_good else "".join(traceback.format_exception(error)))
        if is_good:
            self.complete()
        else:
            self.fail(error)
        return is_good and error is not None

    # How it is done

    def _leave(self) -> list[Kept]:
        """Send what was logged, and printed in a block; returns what is left after ten seconds."""
        stopped, self._stopped = self._stopped, None
        return self._sender.leave(time.monotonic() + limits.EXIT_WAIT_SECONDS, stopped)

    def _finish(self, how: str, body: dict[str, Any], kept: list[Kept]) -> None:
        try:
            # Where values wait for the studio, more would only wait once more.
            if not kept:
                self._upload_outputs()
                self._end(how, body)
                return
        except ServiceException as error:
            if not error.is_unreachable:
                raise
        if self._beats is not None:
            self._beats.stop()
        tell([*kept, _ends.keep(self.id, self._transport, how, body, self._outputs)])

    def _led_from_here(self) -> None:
        """Say that this process lives as long as the run does."""
        self._beats = Beats(self.id, self._transport)

    def _end(self, how: str, body: dict[str, Any]) -> None:
        try:
            self._told = self._transport.run("POST", self.id, how, json=body).json()
        except ServiceException as error:
            if error.code in ("illegal_move", "forbidden"):
                raise UserErrorException(str(error)) from None
            raise
        if self._beats is not None:
            self._beats.stop()

    def _sender_flush(self) -> None:
        self._sender.close(limits.EXIT_WAIT_SECONDS)

    def _upload_outputs(self) -> None:
        if self._outputs is not None:
            for problem in _metrics.upload_folder(self._transport, self.id, self._outputs):
                print(f"Run Studio: {problem}", file=sys.stderr)
