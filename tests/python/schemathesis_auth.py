"""Logs schemathesis in as a superuser, and as another one when its own calls have spoilt the last: each generated request is sent by
somebody who may.

    SCHEMATHESIS_HOOKS=schemathesis_auth USERMGR_TEST_ADDRESS=http://ADDRESS USERMGR_TEST_PROMOTE='{"args": [..], "env": {..}}' st run ..

The last is the command that makes a superuser of the address behind it.
"""

import json
import os
import subprocess
import uuid

import httpx
import schemathesis

PASSWORD = "correct horse battery"
server = httpx.Client(base_url=os.environ["USERMGR_TEST_ADDRESS"], timeout=30)


def login(email):
    reply = server.post("/auth/jwt/login", data={"username": email, "password": PASSWORD})
    return {"Authorization": f"Bearer {reply.json()['access_token']}"} if reply.status_code == 200 else None


def superuser():
    email = f"{uuid.uuid4()}@example.com"
    server.post("/auth/register", json={"email": email, "password": PASSWORD})
    promote = json.loads(os.environ["USERMGR_TEST_PROMOTE"])
    subprocess.run([*promote["args"], email], env=promote["env"], check=True, stdout=subprocess.DEVNULL)
    return login(email)


@schemathesis.auth(refresh_interval=None)
class Superuser:
    acting = None

    def get(self, case, context):
        cls = type(self)
        if cls.acting is None or server.get("/users", params={"limit": 1}, headers=cls.acting).status_code != 200:
            cls.acting = superuser()
        return cls.acting

    def set(self, case, data, context):
        case.headers.update(data)
