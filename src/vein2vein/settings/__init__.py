"""Django settings: read from the environment, with safe defaults for one machine."""

from __future__ import annotations

import os
from ipaddress import ip_network
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from vein2vein.settings.databases import external_url, resolve, state_folder
from vein2vein.settings.secrets import secret_key

ROOT = Path(__file__).resolve().parents[3]
STATE = state_folder()

CONTEXTS = (
    "network",
    "people",
    "identity",
    "therapies",
    "materials",
    "orders",
    "manufacturing",
    "laboratory",
    "quality",
    "logistics",
    "forecasting",
    "planning",
    "tracing",
    "exchange",
    "web",
)
"""The contexts, from the bottom to the top."""

DEBUG = False
SECRET_KEY = secret_key(STATE)
ALLOWED_HOSTS = os.environ.get("V2V_HOSTS", "localhost,127.0.0.1,[::1],testserver").split(",")
DATABASE = resolve()
DATABASE_IS_OWN = external_url() is not None
"""Whether it is a server of the user's own, who also keeps its backups."""
DATABASES = {"default": DATABASE.app, "owner": DATABASE.owner}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "people.Account"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "axes",
    "procrastinate.contrib.django",
    "vein2vein.journal",
    "vein2vein.doors",
    *(f"vein2vein.{name}" for name in CONTEXTS),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # tokens in forms are masked anew each time, and pages padded: no BREACH
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "vein2vein.people.pacing.Pacing",
    "vein2vein.people.sessions.IdleTimeout",
    "vein2vein.web.zones.SiteZone",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "vein2vein.doors.middleware.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "vein2vein.web.urls"
WSGI_APPLICATION = "vein2vein.settings.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "vein2vein.web.context.page",
            ],
        },
    }
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
ARGON2_TIME_COST = int(os.environ.get("V2V_ARGON2_TIME_COST", "2"))
ARGON2_MEMORY_KIB = int(os.environ.get("V2V_ARGON2_MEMORY_KIB", "102400"))
PASSWORD_HASHERS = ["vein2vein.people.hashing.Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
DEMONSTRATION_PASSWORD = os.environ.get("V2V_DEMONSTRATION_PASSWORD", "vein-to-vein-2026")
DEMONSTRATION_PIN = os.environ.get("V2V_DEMONSTRATION_PIN", "246802")
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25
AXES_LOCKOUT_PARAMETERS = ["username"]
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
# Locking an address would lock a clinic behind it: people.pacing slows addresses, with a limit of their own.
SILENCED_SYSTEM_CHECKS = ["axes.W006"]
TRUSTED_PROXIES = [
    ip_network(one.strip()) for one in os.environ.get("V2V_TRUSTED_PROXIES", "").split(",") if one.strip()
]
PACE_FAILURES = int(os.environ.get("V2V_PACE_FAILURES", "50"))
PACE_SIGN_INS = int(os.environ.get("V2V_PACE_SIGN_INS", "120"))
PACE_API_TOKEN = int(os.environ.get("V2V_PACE_API_TOKEN", "12000"))
PACE_API_ADDRESS = int(os.environ.get("V2V_PACE_API_ADDRESS", "24000"))
LOGIN_URL = "/sign-in"
LOGIN_REDIRECT_URL = "/"

SESSION_COOKIE_AGE = 8 * 3600
SESSION_IDLE_SECONDS = int(os.environ.get("V2V_SESSION_IDLE_SECONDS", "900"))
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "vein2vein.doors.middleware.stale"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024

LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("zh-hans", _("Simplified Chinese"))]
USE_I18N = True
# Engines and the driver are no Django apps: their messages are found here.
LOCALE_PATHS = [
    *sorted((ROOT / "src" / "vein2vein" / "engines").glob("*/locale")),
    ROOT / "src" / "vein2vein" / "driver" / "locale",
]
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("V2V_STATIC", ROOT / ".local" / "static"))
STATICFILES_DIRS = [path for path in [ROOT / ".local" / "static-npm"] if path.is_dir()]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
THERAPIES = ROOT / "therapies"
# Who simulates: nothing (the worker itself), a number of processes, or a Dask scheduler's address.
TWIN_WORKERS = os.environ.get("V2V_TWIN_WORKERS", "")
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {"pint.util": {"level": "ERROR"}},  # it warns that a bag is a bag of blood here, not of cement
    "root": {"handlers": ["stderr"], "level": os.environ.get("V2V_LOG", "WARNING")},
}
