"""Settings. Everything that differs between installations is read from the environment, here and nowhere else."""

from pathlib import Path

from gongzhi.config import environment as env

PACKAGE = Path(__file__).resolve().parents[2]
VAR = env.path("GONGZHI_DATA_DIR", Path.cwd() / "var")

SECRET_KEY = env.text("GONGZHI_SECRET_KEY", "only-for-tests-and-tools-the-launcher-makes-a-real-one")
# Key of personal fields at rest; made by the launcher, kept apart from the database.
FIELD_KEY = env.text("GONGZHI_FIELD_KEY", "")
DEBUG = env.flag("GONGZHI_DEBUG")
ALLOWED_HOSTS = env.names("GONGZHI_HOSTS", "localhost,.localhost,127.0.0.1,[::1],testserver")
CSRF_TRUSTED_ORIGINS = env.names("GONGZHI_TRUSTED_ORIGINS")
BEHIND_TLS = env.flag("GONGZHI_TLS")
# Whose X-Forwarded-For is believed: addresses and networks of the proxies before us. The proxy of a server is on the server unless said otherwise.
TRUSTED_PROXIES = env.names("GONGZHI_TRUSTED_PROXIES", "127.0.0.0/8,::1" if BEHIND_TLS else "")
PUBLIC_URL = env.text("GONGZHI_PUBLIC_URL", "http://127.0.0.1:8000")

INSTALLED_APPS = [
    "gongzhi.kernel",
    "gongzhi.ledger",
    "gongzhi.foundation.territory",
    "gongzhi.foundation.calendar",
    "gongzhi.foundation.people",
    "gongzhi.foundation.organs",
    "gongzhi.foundation.search",
    "gongzhi.foundation.drafts",
    "gongzhi.foundation.receipts",
    "gongzhi.foundation.attachments",
    "gongzhi.foundation.criteria",
    "gongzhi.foundation.papers",
    "gongzhi.foundation.notices",
    "gongzhi.registers.record",
    "gongzhi.registers.grants",
    "gongzhi.registers.residents",
    "gongzhi.registers.firms",
    "gongzhi.registers.book",
    "gongzhi.registers.benefits",
    "gongzhi.cases",
    "gongzhi.management_line.reports",
    "gongzhi.management_line.exchange",
    "gongzhi.management_line.sensing",
    "gongzhi.management_line.archive",
    "gongzhi.management_line.standards",
    "gongzhi.management_line.warnings",
    "gongzhi.management_line.feeds",
    "gongzhi.management_line.sources",
    "gongzhi.management_line.wastes",
    "gongzhi.management_line.emergencies",
    "gongzhi.management_line.sensorthings",
    "gongzhi.management_line.ecology",
    "gongzhi.management_line.opendata",
    "gongzhi.service_line.policies",
    "gongzhi.service_line.applications",
    "gongzhi.service_line.openness",
    "gongzhi.service_line.topics",
    "gongzhi.autonomy_line.elections",
    "gongzhi.autonomy_line.budgets",
    "gongzhi.autonomy_line.voice",
    "gongzhi.evaluation",
    "gongzhi.portal",
    "ninja",
    "procrastinate.contrib.django",
    "django_htmx",
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "gongzhi.config.health.HealthMiddleware",
    "gongzhi.config.edges.EdgeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "gongzhi.portal.middleware.TownMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "gongzhi.portal.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "gongzhi.foundation.people.middleware.SecondFactorMiddleware",
    "gongzhi.portal.middleware.ActorMiddleware",
    "gongzhi.portal.middleware.ended.SessionEndMiddleware",
    "gongzhi.config.api.ApiMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gongzhi.kernel.web.RefusalMiddleware",
]

ROOT_URLCONF = env.text("GONGZHI_URLS", "gongzhi.config.urls")
ASGI_APPLICATION = "gongzhi.config.asgi.application"
AUTH_USER_MODEL = "people.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "gongzhi.portal.context.shell",
            ],
            "builtins": [
                "gongzhi.portal.templatetags.parts", "gongzhi.portal.templatetags.rows", "django.templatetags.i18n", "django.templatetags.static",
            ],
        },
    },
]

# The owner migrates; the application connects as a role that owns nothing, so that row-level security holds for it.
OWNER_URL = env.text("DATABASE_URL", "postgresql://gongzhi_owner@localhost/gongzhi")
APPLICATION_URL = env.text("DATABASE_APP_URL")
AS_OWNER = env.flag("GONGZHI_AS_OWNER")
POOL = {"min_size": 1, "max_size": env.number("GONGZHI_POOL", 8), "timeout": 15, "reconnect_timeout": 6} if env.flag("GONGZHI_POOLED") else False
DATABASES = {
    "default": env.database(OWNER_URL)
    if AS_OWNER
    else env.database(APPLICATION_URL or OWNER_URL, role="" if APPLICATION_URL else "gongzhi_app", pool=POOL)
}

# Open pages that listen for news, of one web process and of one address (a town hall may stand behind one). Beyond, pages ask instead.
MOST_STREAMS = env.number("GONGZHI_STREAMS", 1_500)
MOST_STREAMS_OF_ONE = env.number("GONGZHI_STREAMS_OF_ONE", 700)

# Reports of people who have not signed in, a minute and address, of all web processes together (a counter where people are helped stands behind one).
REPORTS_A_MINUTE = env.number("GONGZHI_REPORTS_A_MINUTE", 20)
# Reports of programs with a key (Open311), a minute: of one key, and of one address.
CLIENT_REPORTS_A_MINUTE = env.number("GONGZHI_CLIENT_REPORTS_A_MINUTE", 300)

# Hosts, addresses and networks that feeds, gateways and OpenID providers may stand on although they are not public (kernel/outbound.py).
OUTBOUND_ALLOWED = env.names("GONGZHI_OUTBOUND_ALLOWED", "127.0.0.0/8,::1" if env.flag("GONGZHI_DEMO") else "")

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# The name of the logs stands in every checkpoint and never changes; their keys are kept apart from the database.
LEDGER_ORIGIN = env.text("GONGZHI_LEDGER_ORIGIN", "ledger.gongzhi.invalid")
LEDGER_KEYS = env.path("GONGZHI_LEDGER_KEYS", VAR / "ledger-keys")
DEMO = env.flag("GONGZHI_DEMO")
WEBHOOK_SECRET = env.text("GONGZHI_WEBHOOK_SECRET", SECRET_KEY)

# Web Push: the private key (P-256, base64url, made by the launcher), whom push services may write to, and which are sent to at all.
PUSH_KEY = env.text("GONGZHI_PUSH_KEY")
PUSH_CONTACT = env.text("GONGZHI_PUSH_CONTACT", "mailto:gongzhi@localhost")
PUSH_HOSTS = env.names(
    "GONGZHI_PUSH_HOSTS", "fcm.googleapis.com,updates.push.services.mozilla.com,web.push.apple.com,.push.apple.com,.notify.windows.com,.push.hicloud.com"
)

STATIC_URL = "/static/"
STATIC_ROOT = VAR / "static"
MEDIA_ROOT = VAR / "attachments"
# Readings past their term (docs/howto/archive.md). A Spark master here makes long questions run there, not in DuckDB.
ARCHIVE = env.path("GONGZHI_ARCHIVE", VAR / "archive")
ARCHIVE_MEMORY = env.text("GONGZHI_ARCHIVE_MEMORY", "1GB")
SPARK = env.text("GONGZHI_SPARK")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {"location": MEDIA_ROOT}},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if env.flag("GONGZHI_HASHED_STATIC")
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not env.flag("GONGZHI_HASHED_STATIC")
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 400

SESSION_ENGINE = "gongzhi.foundation.people.sessions"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BEHIND_TLS
SESSION_COOKIE_HTTPONLY = True
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_TLS else 0
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if BEHIND_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# Maps show the town's own areas; a base layer is optional. Other hosts' tiles must be named in GONGZHI_MAP_SOURCES.
MAP_STYLE = env.text("GONGZHI_MAP_STYLE")
# PMTiles: an address, a file on this machine, or "demo", the made ground of the demo towns (./gongzhi basemap); a town's own lies in BASEMAPS.
MAP_PMTILES = env.text("GONGZHI_MAP_PMTILES", "demo" if DEMO else "")
BASEMAPS = env.path("GONGZHI_BASEMAPS", VAR / "basemaps")
MAP_TIANDITU_KEY = env.text("GONGZHI_MAP_TIANDITU_KEY")
MAP_ATTRIBUTION = env.text("GONGZHI_MAP_ATTRIBUTION")
MAP_SOURCES = [*env.names("GONGZHI_MAP_SOURCES"), *(["https://*.tianditu.gov.cn"] if MAP_TIANDITU_KEY else [])]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *MAP_SOURCES],
        "connect-src": ["'self'", *MAP_SOURCES],
        "worker-src": ["'self'", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'", *env.names("GONGZHI_SIGN_IN_SOURCES")],
    }
}

CSRF_FAILURE_VIEW = "gongzhi.portal.middleware.ended.csrf_failure"
LOGIN_URL = "/sign-in/"
LOGIN_REDIRECT_URL = "/welcome/"
AUTHENTICATION_BACKENDS = ["gongzhi.foundation.people.backends.TownBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher", "django.contrib.auth.hashers.PBKDF2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

EMAIL_BACKEND = env.text("GONGZHI_EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
EMAIL_HOST = env.text("GONGZHI_SMTP_HOST")
EMAIL_PORT = env.number("GONGZHI_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("GONGZHI_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("GONGZHI_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("GONGZHI_SMTP_TLS")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("GONGZHI_MAIL_FROM", "gongzhi@localhost")

PROCRASTINATE_IMPORT_PATHS: list[str] = []
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

SILENCED_SYSTEM_CHECKS = ["auth.E003", "auth.W004"]  # user names are unique per town, see people.User
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("GONGZHI_LOG_LEVEL", "WARNING")},
}
