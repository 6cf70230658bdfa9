from django.urls import URLPattern, URLResolver, path

from gongzhi.foundation.people import views

app_name = "people"
urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in/", views.sign_in, name="sign-in"),
    path("sign-in/second-factor/", views.second_factor, name="second-factor"),
    path("sign-in/openid/", views.openid_begin, name="openid"),
    path("sign-in/openid/back/", views.openid_back, name="openid-back"),
    path("sign-out/", views.sign_out, name="sign-out"),
    path("register/", views.register, name="register"),
    path("account/", views.account, name="account"),
    path("account/password/", views.password, name="password"),
    path("account/second-factor/", views.set_up_second_factor, name="second-factor-set-up"),
    path("account/identities/", views.identities, name="identities"),
    path("account/phone/", views.phone, name="phone"),
    path("account/erase/", views.erase, name="erase"),
    path("administration/logins/", views.logins, name="logins"),
    path("administration/logins/new/", views.login_new, name="login-new"),
    path("administration/logins/<int:user_id>/", views.login_one, name="login-one"),
    path("administration/erasures/", views.erasures, name="erasures"),
    path("administration/keys/", views.keys, name="keys"),
    path("administration/joint/", views.joint_acts, name="joint"),
    path("account/tokens/", views.tokens, name="tokens"),
]
