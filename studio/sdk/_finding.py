"""Finding runs: by id, by experiment, by compute target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from studio.sdk import _children, _compute

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from studio.sdk._children import Labels
    from studio.sdk._compute import ComputeTarget
    from studio.sdk._experiment import Experiment
    from studio.sdk._run import Run
    from studio.sdk._workspace import Workspace


class Finding:
    """The methods of the class ``Run`` that return other runs."""

    @staticmethod
    def get(workspace: Workspace, run_id: str) -> Run:
        """Return a run by its id.

        Raises:
            UserErrorException: there is none.
        """
        return _children.by_id(workspace, run_id)

    @staticmethod
    def list(
        experiment: Experiment,
        type: str | None = None,
        tags: Labels = None,
        properties: Labels = None,
        status: str | None = None,
        include_children: bool = False,
        *,
        filter: str | None = None,
        sort: str | Sequence[str] | None = None,
        view: str | None = None,
    ) -> Iterator[Run]:
        """Yield the runs of an experiment, newest first; the filters are as in ``get_runs``."""
        return _children.listed(
            experiment.workspace,
            experiment=experiment.name,
            type=type,
            tags=_children.labels(tags, "tags"),
            properties=_children.labels(properties, "properties"),
            status=status,
            includeChildren=include_children,
            filter=filter,
            sort=sort,
            view=view,
        )

    @staticmethod
    def list_by_compute(
        compute: ComputeTarget,
        type: str | None = None,
        tags: Labels = None,
        properties: Labels = None,
        status: str | None = None,
    ) -> Iterator[dict[str, Any]]:
        """Yield the records of the runs that wait or run at a compute target, newest first.

        Raises:
            UserErrorException: a status other than Running or Queued.
        """
        return _compute.records(compute, tags=tags, properties=properties, type=type, status=status)

    @staticmethod
    def add_type_provider(type: str, factory: Callable[[Experiment, dict[str, Any]], Run]) -> None:
        """Have runs of a type made by ``factory``, from their experiment and record.

        Raises:
            ValueError: the type has a factory already.
        """
        if type in _children.PROVIDERS:
            raise ValueError(f'Runs of type "{type}" have a factory already.')
        _children.PROVIDERS[type] = factory


def get_run(experiment: Experiment, run_id: str, rehydrate: bool = True, **ignored: Any) -> Run:
    """Return a run of an experiment; with ``rehydrate`` as the class that its type has.

    Raises:
        UserErrorException: there is none.
    """
    from studio.sdk._run import Run

    run = Run(experiment, run_id)
    return _children.by_id(experiment.workspace, run_id) if rehydrate else run
