"""Static files by content hash, ES modules included."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class HashedStaticFiles(CompressedManifestStaticFilesStorage):
    """Rewrites ``import`` lines of modules too, so that no build step is needed."""

    support_js_module_import_aggregation = True
