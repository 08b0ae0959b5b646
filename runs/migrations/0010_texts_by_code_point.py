from django.db import migrations

# What is sought by its beginning. In PostgreSQL an index finds beginnings in the collation "C" only, in
# which the two databases also sort alike: by code point.
_TEXTS = {
    "Experiment": ["name"],
    "Metric": ["name"],
    "Run": ["display_name", "run_id", "run_type", "status", "target"],
    "RunParameter": ["key", "value_start"],
    "RunProperty": ["key", "value_start"],
    "RunTag": ["key", "value_start"],
}


def _collate(apps, editor, collation):
    if editor.connection.vendor != "postgresql":
        return
    # What waits to be checked at the end of this transaction is checked now: else no table is changed.
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name, columns in _TEXTS.items():
        meta = apps.get_model("runs", name)._meta
        changes = [
            f'ALTER COLUMN "{column}" TYPE {meta.get_field(column).db_type(editor.connection)} '
            f'COLLATE "{collation}"'
            for column in columns
        ]
        editor.execute(f'ALTER TABLE "{meta.db_table}" {", ".join(changes)}')
        # What the planner knew of these columns is gone with their type.
        editor.execute(f'ANALYZE "{meta.db_table}"')


def _by_code_point(apps, editor):
    _collate(apps, editor, "C")


def _by_locale(apps, editor):
    _collate(apps, editor, "default")


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0009_run_stars"),
    ]

    operations = [
        migrations.RunPython(_by_code_point, _by_locale),
    ]
