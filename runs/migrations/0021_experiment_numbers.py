"""Experiments are counted in their workspace, and each workspace has experiment 0, called Default."""

import django.utils.timezone
from django.db import migrations, models


def count(apps, schema_editor):
    """Number what is there by age; an active experiment that is called Default becomes number 0."""
    experiments, workspaces = (apps.get_model("runs", name) for name in ("Experiment", "Workspace"))
    for workspace in workspaces.objects.all():
        mine = experiments.objects.filter(workspace=workspace)
        default = mine.filter(name="Default", archived_at=None).first()
        last = 0
        for pk in mine.order_by("pk").values_list("pk", flat=True):
            is_default = default is not None and pk == default.pk
            last += not is_default
            # Each once: PostgreSQL changes no table of which a row was changed twice before.
            experiments.objects.filter(pk=pk).update(
                number=0 if is_default else last, changed_at=models.F("created_at")
            )
        workspaces.objects.filter(pk=workspace.pk).update(last_experiment_number=last)


def add_default(apps, schema_editor):
    """Give a Default experiment to the workspaces that have none."""
    experiments, workspaces = (apps.get_model("runs", name) for name in ("Experiment", "Workspace"))
    for workspace in workspaces.objects.all():
        if not experiments.objects.filter(workspace=workspace, number=0).exists():
            made = experiments.objects.create(workspace=workspace, name="Default", number=0)
            since = workspace.created_at
            experiments.objects.filter(pk=made.pk).update(created_at=since, changed_at=since)


class Migration(migrations.Migration):
    dependencies = [("runs", "0020_full_logs")]

    operations = [
        migrations.AddField("workspace", "last_experiment_number", models.PositiveIntegerField(default=0)),
        migrations.AddField("experiment", "number", models.PositiveIntegerField(null=True)),
        migrations.AddField(
            "experiment", "changed_at", models.DateTimeField(default=django.utils.timezone.now)
        ),
        migrations.AlterField("experiment", "name", models.CharField(max_length=500)),
        migrations.RunPython(count, migrations.RunPython.noop),
        migrations.AlterField("experiment", "number", models.PositiveIntegerField()),
        migrations.AddConstraint(
            "experiment",
            models.UniqueConstraint(fields=["workspace", "number"], name="one_experiment_per_number"),
        ),
        # Last: PostgreSQL changes no table in whose rows a foreign key was just written.
        migrations.RunPython(add_default, migrations.RunPython.noop),
    ]
