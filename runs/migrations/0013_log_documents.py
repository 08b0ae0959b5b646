import django.db.models.deletion
from django.db import migrations, models

# As that of runs, but for what it knows: which trigrams are in a text, not where. So it takes a sixth of
# the room, and whoever asks looks at the text as well.
_SQLITE = [
    """CREATE VIRTUAL TABLE runs_logindex USING fts5(
        text, run_id UNINDEXED, content='runs_logdocument', content_rowid='log_id',
        columnsize=0, detail=none, tokenize='trigram case_sensitive 1'
    )""",
    """CREATE TRIGGER runs_log_added AFTER INSERT ON runs_logdocument BEGIN
        INSERT INTO runs_logindex (rowid, text, run_id) VALUES (new.log_id, new.text, new.run_id);
    END""",
    """CREATE TRIGGER runs_log_removed AFTER DELETE ON runs_logdocument BEGIN
        INSERT INTO runs_logindex (runs_logindex, rowid, text, run_id)
        VALUES ('delete', old.log_id, old.text, old.run_id);
    END""",
    """CREATE TRIGGER runs_log_changed AFTER UPDATE OF text ON runs_logdocument
    WHEN old.text <> new.text BEGIN
        INSERT INTO runs_logindex (runs_logindex, rowid, text, run_id)
        VALUES ('delete', old.log_id, old.text, old.run_id);
        INSERT INTO runs_logindex (rowid, text, run_id) VALUES (new.log_id, new.text, new.run_id);
    END""",
]
_POSTGRESQL = ["CREATE INDEX runs_log_trigrams ON runs_logdocument USING gin (text gin_trgm_ops)"]
_GONE = {
    "sqlite": [
        "DROP TRIGGER runs_log_added",
        "DROP TRIGGER runs_log_removed",
        "DROP TRIGGER runs_log_changed",
        "DROP TABLE runs_logindex",
    ],
    "postgresql": ["DROP INDEX runs_log_trigrams"],
}


def _add_index(apps, editor):
    statements = _SQLITE if editor.connection.vendor == "sqlite" else _POSTGRESQL
    for statement in statements:
        editor.execute(statement)


def _remove_index(apps, editor):
    for statement in _GONE[editor.connection.vendor]:
        editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0012_sign_in"),
    ]

    operations = [
        migrations.CreateModel(
            name="LogIndex",
            fields=[
                ("log_id", models.BigIntegerField(db_column="rowid", primary_key=True, serialize=False)),
                ("run_id", models.BigIntegerField()),
                ("text", models.TextField()),
                ("table", models.TextField(db_column="runs_logindex")),
            ],
            options={"db_table": "runs_logindex", "managed": False},
        ),
        # The worker reads the logs that are there: none is searched yet.
        migrations.AddField(
            model_name="logfile",
            name="is_searched",
            field=models.BooleanField(default=False),
        ),
        migrations.AddIndex(
            model_name="logfile",
            index=models.Index(
                condition=models.Q(("is_searched", False)), fields=["id"], name="log_unsearched"
            ),
        ),
        migrations.CreateModel(
            name="LogDocument",
            fields=[
                ("log", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name="document", serialize=False, to="runs.logfile")),
                ("run", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="log_documents", to="runs.run")),
                ("written_at", models.DateTimeField()),
                ("places", models.JSONField()),
                ("state", models.JSONField()),
                ("text", models.TextField()),
            ],
        ),
        migrations.RunPython(_add_index, _remove_index),
    ]
