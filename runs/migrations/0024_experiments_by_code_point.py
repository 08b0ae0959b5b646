from django.db import migrations


def by_code_point(apps, editor):
    """Collate names by code point, as 0010 does: the new type of the column has forgotten it."""
    if editor.connection.vendor != "postgresql":
        return
    meta = apps.get_model("runs", "Experiment")._meta
    kind = meta.get_field("name").db_type(editor.connection)
    editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    editor.execute(f'ALTER TABLE "{meta.db_table}" ALTER COLUMN "name" TYPE {kind} COLLATE "C"')
    editor.execute(f'ANALYZE "{meta.db_table}"')


class Migration(migrations.Migration):
    dependencies = [("runs", "0023_retention")]

    operations = [migrations.RunPython(by_code_point, migrations.RunPython.noop)]
