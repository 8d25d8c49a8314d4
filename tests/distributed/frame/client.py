"""A plain client of the routes: a new connection for each request, so that no state is left between two."""

import http.client
import json
import urllib.parse
from typing import Any, NamedTuple

PASSWORD = "correct horse battery"


class Answer(NamedTuple):
    """What came back. The status is 0 if nothing did."""

    status: int
    body: Any
    headers: dict

    def get(self, field):
        return self.body.get(field) if isinstance(self.body, dict) else None

    def cookie(self):
        return self.headers.get("set-cookie", "").split(";")[0]


def request(address, method, path, body=None, form=None, token=None, cookie=None, seconds=30):
    """Sends a request to ADDRESS, as in `127.0.0.1:8000`."""
    headers, data = {}, None
    if body is not None:
        headers["Content-Type"], data = "application/json", json.dumps(body)
    if form is not None:
        headers["Content-Type"], data = "application/x-www-form-urlencoded", urllib.parse.urlencode(form)
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    if cookie is not None:
        headers["Cookie"] = cookie
    connection = http.client.HTTPConnection(address, timeout=seconds)
    try:
        connection.request(method, path, data, headers)
        answer = connection.getresponse()
        text = answer.read()
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, repr(error), {})
    finally:
        connection.close()
    try:
        read = json.loads(text) if text else None
    except ValueError:
        read = text
    return Answer(answer.status, read, {name.lower(): value for name, value in answer.getheaders()})


def register(address, email, password=PASSWORD):
    return request(address, "POST", "/auth/register", {"email": email, "password": password})


def login(address, email, password=PASSWORD, backend="jwt"):
    return request(address, "POST", f"/auth/{backend}/login", form={"username": email, "password": password})


def refresh(address, token):
    return request(address, "POST", "/auth/jwt/refresh", form={"refresh_token": token})


def me(address, **who):
    return request(address, "GET", "/users/me", **who)
