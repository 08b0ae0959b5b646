"""What the SDK raises. The names are those of Azure Machine Learning's SDK, where it has one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence


class StudioException(Exception):  # noqa: N818 (the names people know)
    """The base of everything that the SDK raises."""


# What scripts for Azure Machine Learning catch everything by.
AzureMLException = StudioException


class UserErrorException(StudioException):
    """Something that the caller gave cannot be used; the message says what to do."""


class ExperimentExecutionException(StudioException):
    """A run could not be started or followed."""


class RunEnvironmentException(StudioException):
    """This process is not inside a submitted run."""


class RunConfigurationException(UserErrorException):
    """A run configuration says something that cannot be."""


class SnapshotException(StudioException):
    """The source directory cannot be kept."""


class AzureMLAggregatedException(UserErrorException):
    """Several things went wrong at once; ``exception_list`` holds them all."""

    def __init__(self, errors: Sequence[BaseException]) -> None:
        told = " ".join(str(error) for error in errors[:3])
        super().__init__(f"{len(errors)} of them failed. {told}")
        self.exception_list = list(errors)


class ActivityFailedException(StudioException):
    """The run that was waited for has failed; ``error`` is its error document."""

    def __init__(self, message: str, error: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.error = error or {}


class ActivityCanceledException(StudioException):
    """The run that was waited for was canceled."""


class ServiceException(StudioException):
    """The studio said no, or did not answer.

    ``status`` is the HTTP status, 0 for no answer; ``code``, ``field``, ``hint`` and ``extra`` are
    those of the studio's problem document.
    """

    def __init__(
        self, message: str, *, status: int = 0, document: dict[str, Any] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.extra = document or {}
        self.code: str = str(self.extra.get("code", ""))
        self.field: str = str(self.extra.get("field", ""))
        self.hint: str = str(self.extra.get("hint", ""))

    @property
    def is_unreachable(self) -> bool:
        """Whether trying again later may help."""
        return self.status in (0, 429, 500, 502, 503, 504)
