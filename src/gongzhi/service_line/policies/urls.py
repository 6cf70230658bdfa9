from django.urls import URLPattern, URLResolver, path

from gongzhi.service_line.policies.views import consultations, policies, work

app_name = "policies"
urlpatterns: list[URLPattern | URLResolver] = [
    path("policies/", policies.index, name="policies"),
    path("policies/feed.atom", policies.feed, name="feed"),
    path("policies/told/", policies.told, name="told"),
    path("policies/of/<slug:kind>/<str:code>/", policies.of, name="of"),
    path("policies/desk/", work.index, name="work"),
    path("policies/desk/new/", work.prepare, name="new"),
    path("policies/desk/draft/", work.consult, name="consult"),
    path("policies/desk/<slug:code>/", work.edit, name="edit"),
    path("policies/desk/<slug:code>/letter/", work.prepare, name="letter"),
    path("policies/desk/<slug:code>/reading/", work.reading, name="reading"),
    path("policies/questions/<int:question_id>/useful/", policies.useful, name="useful"),
    path("policies/<slug:code>/", policies.policy, name="policy"),
    path("consultations/", consultations.index, name="consultations"),
    path("consultations/<slug:code>/", consultations.consultation, name="consultation"),
    path("consultations/<slug:code>/answers/", consultations.answers, name="answers"),
]
