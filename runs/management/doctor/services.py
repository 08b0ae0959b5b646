"""What works for the studio: the worker, agents, mail, the file store, and how it is reached."""

from __future__ import annotations

import io
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from django.conf import settings
from django.core import checks, mail
from django.utils import timezone

from runs.management.doctor.finding import broken, good, poor
from runs.management.watching import is_watched
from runs.models import Agent, LogFile, Membership, Run, RunFile, Workspace
from runs.stores import blobs, logs
from studio.contract.words import Role, Status

if TYPE_CHECKING:
    from collections.abc import Iterator

    from runs.management.doctor.finding import Finding

_SAMPLE = 500
_MAIL_SECONDS = 5
_SILENT = timedelta(minutes=2)
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


def look() -> Iterator[Finding]:
    """Yield what there is to say of them."""
    yield _worker()
    yield _waiting()
    yield _store()
    yield _files()
    yield _mail()
    yield _owners()
    yield from _address()


def _worker() -> Finding:
    if is_watched():
        return good("worker", "at work")
    mend = (
        "Start the studio (`manage.py up`), or `manage.py worker` where the web server runs alone."
    )
    return poor("worker", "none works on this data folder: alerts, tasks and the bin wait", mend)


def _waiting() -> Finding:
    since = timezone.now() - _SILENT
    # A run of the studio's own machine needs no agent of that name elsewhere.
    waiting = Run.objects.filter(status=Status.QUEUED, created_at__lt=since)
    targets = set(waiting.values_list("compute_target", flat=True).distinct()[:_SAMPLE]) - {None}
    heard = Agent.objects.filter(target__in=targets, last_seen_at__gte=since)
    silent = targets - set(heard.values_list("target", flat=True))
    if not silent:
        return good("agents", "no run waits for one that is silent")
    mend = "Start `studio agent --target NAME` there, or cancel the runs that wait."
    return poor(
        "agents", f"runs wait for {len(silent)} compute targets whose agent is silent", mend
    )


def _store() -> Finding:
    workspace = Workspace.objects.order_by("pk").first()
    if workspace is None:
        return poor("file store", "there is no workspace yet", "Start the studio once.")
    data = secrets.token_bytes(64)
    sha256, _ = blobs.put(workspace.pk, io.BytesIO(data))
    found = b"".join(blobs.stream(workspace.pk, sha256))
    blobs.drop(workspace.pk, sha256, unused_for=0)
    if found != data:
        mend = "Check the disk; restore the last backup into an empty data folder."
        return broken("file store", "what was stored came back changed", mend)
    return good("file store", "stores, reads and removes")


def _files() -> Finding:
    files = RunFile.objects.order_by("-pk").values_list("run__workspace", "sha256")[:_SAMPLE]
    newest_logs = LogFile.objects.filter(size__gt=0).order_by("-pk")[:_SAMPLE]
    missing = sum(not blobs.has(workspace, sha256) for workspace, sha256 in files)
    missing += sum(not _is_whole(log) for log in newest_logs)
    if missing:
        says = f"{missing} of the newest {_SAMPLE:,} files and logs are not on disk"
        mend = "Restore the data folder's blobs and logs from the last backup."
        return broken("files", says, mend)
    return good("files", "the newest are where the database says")


def _is_whole(log: LogFile) -> bool:
    path = logs.path_of(log)
    return path.exists() and path.stat().st_size >= log.size


def _mail() -> Finding:
    if not settings.HAS_EMAIL:
        return good("mail", "not set up; nobody is sent any")
    try:
        with mail.get_connection(timeout=_MAIL_SECONDS) as server:
            server.open()
    except OSError as error:
        mend = "Look at the mail server's address, name and password in the settings."
        return broken("mail", f"{settings.EMAIL_HOST} does not answer: {error}"[:200], mend)
    return good("mail", f"{settings.EMAIL_HOST} answers")


def _owners() -> Finding:
    led = Membership.objects.filter(role=Role.OWNER, user__is_active=True)
    alone = Workspace.objects.exclude(pk__in=led.values("workspace")).count()
    if alone:
        mend = "Start the studio: it prints a link for the first owner, who can name others."
        return poor("owners", f"{alone} workspaces have no owner who may sign in", mend)
    return good("owners", "every workspace has one")


def _address() -> Iterator[Finding]:
    parts = urlsplit(settings.PUBLIC_URL)
    if parts.scheme != "https":
        if parts.hostname not in _LOOPBACK:
            mend = "Put a proxy with TLS before the studio and set STUDIO_PUBLIC_URL to its https address."
            yield poor("address", f"{settings.PUBLIC_URL} is not encrypted", mend)
        else:
            yield good("address", f"{settings.PUBLIC_URL}, this machine only")
        return
    said = checks.run_checks(include_deployment_checks=True)
    for each in said:
        yield poor("settings", each.msg.splitlines()[0], each.hint or "See the settings' table.")
    if not said:
        yield good("address", f"{settings.PUBLIC_URL}, and the settings suit it")
