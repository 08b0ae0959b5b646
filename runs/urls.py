"""Addresses of the pages."""

from django.urls import path, re_path

from runs.views import account, bulk, charts, deleted, experiments, files, health, help, run, runs, views

urlpatterns = [
    path("", account.home, name="home"),
    path("sign-in/", account.sign_in, name="sign_in"),
    path("sign-in/<str:secret>/", account.use_link, name="use_link"),
    path("sign-out/", account.sign_out, name="sign_out"),
    path("help/", help.page, name="help"),
    path("help/<slug:name>/", help.page, name="help_page"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("w/<str:ws>/runs/", runs.all_runs, name="runs"),
    path("w/<str:ws>/experiments/", experiments.all_experiments, name="experiments"),
    path("w/<str:ws>/experiments/<str:number>/edit/", experiments.edit, name="edit_experiment"),
    path(
        "w/<str:ws>/experiments/<str:number>/archive/",
        experiments.archive,
        name="archive_experiment",
    ),
    path("w/<str:ws>/export/", runs.export, name="export"),
    path("w/<str:ws>/complete/", runs.complete, name="complete"),
    path("w/<str:ws>/chart-data/", charts.chart_data_of, name="chart_data"),
    path("w/<str:ws>/bulk/", bulk.begin, name="bulk"),
    path("w/<str:ws>/bulk/preview/", bulk.look_first, name="bulk_preview"),
    path("w/<str:ws>/tasks/<str:number>/", bulk.task, name="task"),
    path("w/<str:ws>/tasks/<str:number>/stop/", bulk.stop, name="stop_task"),
    path("w/<str:ws>/tasks/<str:number>/undo/", bulk.undo, name="undo_task"),
    path("w/<str:ws>/views/", views.create, name="create_view"),
    path("w/<str:ws>/bin/", deleted.show, name="bin"),
    path("w/<str:ws>/views/<str:slug>/", runs.open_view, name="view"),
    re_path(
        r"^w/(?P<ws>[^/]+)/views/(?P<slug>[^/.]+)\.(?P<format>json|ndjson|csv|atom)$",
        runs.view_file,
        name="view_file",
    ),
    path("w/<str:ws>/views/<str:slug>/history/", views.history, name="view_history"),
    path("w/<str:ws>/views/<str:slug>/bring-back/", views.bring_back, name="bring_back_view"),
    path("w/<str:ws>/views/<str:slug>/save/", views.save, name="save_view"),
    path("w/<str:ws>/views/<str:slug>/arrange/", views.arrange, name="arrange_view"),
    path("w/<str:ws>/views/<str:slug>/choose/", views.choose, name="choose_view"),
    path("w/<str:ws>/views/<str:slug>/delete/", views.delete, name="delete_view"),
    path("w/<str:ws>/runs/<str:run_id>/", run.overview, name="run"),
    path("w/<str:ws>/runs/<str:run_id>/cancel/", run.cancel, name="cancel_run"),
    path("w/<str:ws>/runs/<str:run_id>/ask-again/", run.ask_again, name="ask_again"),
    path("w/<str:ws>/runs/<str:run_id>/close-cancel/", run.close_cancel, name="close_cancel"),
    path("w/<str:ws>/runs/<str:run_id>/logs/", files.outputs, name="run_logs"),
    path("w/<str:ws>/runs/<str:run_id>/logs/lines/", files.lines, name="log_lines"),
    path("w/<str:ws>/runs/<str:run_id>/files/<path:path>", files.get_file, name="run_file"),
]
