"""Starting children of a run, and finding them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from studio.sdk import _children

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from studio.sdk._children import Labels
    from studio.sdk._run import Run
    from studio.sdk._script import ScriptRunConfig


class Family:
    """The methods of a run that are about the runs below it."""

    def child_run(
        self, name: str | None = None, run_id: str | None = None, outputs: str | bool | None = False
    ) -> Run:
        """Start a child of this run; it is Running at once. ``with`` completes it."""
        return _children.child_run(self._me(), name or "", run_id or "", outputs)

    def create_children(
        self,
        count: int | None = None,
        tag_key: str | None = None,
        tag_values: Sequence[object] | None = None,
    ) -> list[Run]:
        """Start up to 100 children in one call; each is to be completed by the caller.

        With ``count`` each is tagged ``azureml.batch_child_number``; with ``tag_key`` and
        ``tag_values`` there is one for each value.

        Raises:
            UserErrorException: neither, both, or too many.
        """
        return _children.create_children(self._me(), count, tag_key, tag_values)

    def submit_child(
        self, config: ScriptRunConfig, tags: Mapping[str, Any] | None = None, **options: Any
    ) -> Run:
        """Submit a script as a child of this run; as ``Experiment.submit`` otherwise."""
        from studio.sdk import _submit

        me = self._me()
        child = _submit.submit(me.experiment, config, tags=tags, parent=me, **options)
        child._parent = me
        return child

    def get_children(
        self,
        recursive: bool = False,
        tags: Labels = None,
        properties: Labels = None,
        type: str | None = None,
        status: str | None = None,
    ) -> Iterator[Run]:
        """Yield the runs below this one, newest first; the filters are as in ``get_runs``."""
        asked = {
            "tags": _children.labels(tags, "tags"),
            "properties": _children.labels(properties, "properties"),
            "type": type,
            "status": status,
        }
        return _children.children(self._me(), recursive=recursive, **asked)

    def _me(self) -> Run:
        # Only runs have a family.
        return cast("Run", self)
