from django.urls import URLPattern, URLResolver, path

from gongzhi.ledger import views

app_name = "ledger"
urlpatterns: list[URLPattern | URLResolver] = [
    path("ledger/", views.index, name="index"),
    path("ledger/check/", views.check, name="check"),
    path("ledger/look-up/", views.look_up, name="look-up"),
    path("ledger/subjects/<str:subject>/", views.subject, name="subject"),
    path("ledger/subjects/<str:subject>/proofs.json", views.subject_proofs, name="subject-proofs"),
    path("ledger/entries/<int:index>/", views.entry, name="entry"),
    path("ledger/entries/<int:index>/proof.json", views.proof, name="proof"),
    path("ledger/entries/<int:index>/opening.json", views.opening, name="opening"),
    path("ledger/consistency.json", views.consistency, name="consistency"),
    path("ledger/checkpoint", views.checkpoint, name="checkpoint"),
    path("ledger/tile/<path:place>", views.tile, name="tile"),
    path("ledger/vkey", views.vkey, name="vkey"),
    path("ledger/verify_proof.py", views.script, name="script"),
]
