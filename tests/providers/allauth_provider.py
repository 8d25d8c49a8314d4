"""The provider of django-allauth, for one client. Everybody who gives a name is logged in. Prints its issuer.

    python allauth_provider.py FOLDER PORT REDIRECT_URI..
"""

import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings

folder, port, redirect_uris = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "allauth.db"}},
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    IDP_OIDC_PRIVATE_KEY=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "allauth",
        "allauth.account",
        "allauth.idp.oidc",
    ],
    LOGIN_URL="/enter",
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "allauth.account.middleware.AccountMiddleware",
    ],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only for tests",
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    USE_TZ=True,
)
django.setup()

from allauth.account.models import EmailAddress  # noqa: E402
from allauth.idp.oidc.models import Client  # noqa: E402
from django.contrib.auth import get_user_model, login  # noqa: E402
from django.contrib.auth.hashers import make_password  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpResponse  # noqa: E402
from django.shortcuts import redirect  # noqa: E402
from django.urls import include, path  # noqa: E402


def enter(request):
    """The page with the one question of this provider, and what is answered to it."""
    if request.method == "GET":
        return HttpResponse('<form method="post"><input name="prompt" value="login"><input name="login"></form>')
    user = get_user_model().objects.get(username=request.POST["login"])
    login(request, user, backend="django.contrib.auth.backends.ModelBackend")
    return redirect(request.GET["next"])


urlpatterns = [path("enter", enter), path("", include("allauth.idp.urls"))]

call_command("migrate", verbosity=0)
for name in ["ada", "bob"]:
    user = get_user_model().objects.create(username=name, email=f"{name}@example.com")
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
Client.objects.create(
    id="shop",
    name="The shop",
    secret=make_password("secret-of-the-shop"),
    scopes="openid\nemail\nprofile",
    redirect_uris="\n".join(redirect_uris),
    skip_consent=True,
)


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


with make_server("127.0.0.1", port, get_wsgi_application(), Server, Quiet) as server:
    print(f"http://127.0.0.1:{port}", flush=True)
    server.serve_forever()
