"""The address book: the pages, and the REST API below /api/v1/."""

from django.urls import include, path

urlpatterns = [
    path("api/v1/", include("runs.api.v1")),
    path("", include("runs.urls")),
]
