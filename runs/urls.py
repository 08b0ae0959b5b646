"""Addresses of the pages."""

from django.urls import path

from runs.views import account, health

urlpatterns = [
    path("", account.home, name="home"),
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-in/<str:secret>/", account.use_link, name="use_link"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
]
