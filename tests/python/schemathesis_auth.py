"""Logs schemathesis in as a superuser, and as another one when its own calls have spoilt the first: each generated request is sent by
somebody who may.

    SCHEMATHESIS_HOOKS=schemathesis_auth USERMGR_TEST_ADDRESS=http://ADDRESS USERMGR_TEST_ROOT=EMAIL st run ..
"""

import os
import uuid

import httpx
import schemathesis

PASSWORD = "correct horse battery"
server = httpx.Client(base_url=os.environ["USERMGR_TEST_ADDRESS"], timeout=30)


def login(email):
    reply = server.post("/auth/jwt/login", data={"username": email, "password": PASSWORD})
    return {"Authorization": f"Bearer {reply.json()['access_token']}"} if reply.status_code == 200 else None


def superuser(root):
    """A new one, so that the first is never the one who acts."""
    email = f"{uuid.uuid4()}@example.com"
    user = server.post("/auth/register", json={"email": email, "password": PASSWORD}).json()
    reply = server.patch(f"/users/{user['id']}", json={"is_superuser": True, "is_verified": True}, headers=root)
    assert reply.status_code == 200, reply.text
    return login(email)


@schemathesis.auth(refresh_interval=None)
class Superuser:
    root = login(os.environ["USERMGR_TEST_ROOT"])
    acting = None

    def get(self, case, context):
        cls = type(self)
        if cls.acting is None or server.get("/users", params={"limit": 1}, headers=cls.acting).status_code != 200:
            cls.acting = superuser(cls.root)
        return cls.acting

    def set(self, case, data, context):
        case.headers.update(data)
