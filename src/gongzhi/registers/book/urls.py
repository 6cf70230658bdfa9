from django.urls import URLPattern, URLResolver, path

from gongzhi.registers.book import views

app_name = "book"
urlpatterns: list[URLPattern | URLResolver] = [
    path("book/", views.book, name="book"),
    path("book/new/", views.new_posting, name="new"),
    path("book/close/", views.close, name="close"),
    path("book/accounts/new/", views.new_account, name="new-account"),
    path("book/accounts/<slug:code>/", views.account, name="account"),
    path("book/postings/<int:number>/", views.posting, name="posting"),
    path("book/years/<int:year>/", views.year, name="year"),
    path("book/years/<int:year>/export.csv", views.export, name="export"),
]
