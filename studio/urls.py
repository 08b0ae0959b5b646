"""The address book: the pages, the REST API below /api/v1/, and MLflow's where its clients ask for it."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("runs.api.v1")),
    path("", include("runs.api.mlflow")),
    path("", include("runs.urls")),
]
