"""Authlib's password grant (RFC 6749, 4.3) against the login of a backend: python authlib_client.py ADDRESS EMAIL PASSWORD

Prints the account that /users/me shows to the token. A login that is refused fails with the answer's words.
"""

import sys

from authlib.integrations.httpx_client import OAuth2Client

address, email, password = sys.argv[1:]
# A public client, and one that says so in the form: both are customary, and neither means anything to the server.
for options in ({"token_endpoint_auth_method": "none"}, {"token_endpoint_auth_method": "client_secret_post"}):
    with OAuth2Client(client_id="shop", client_secret="none", scope="users", **options) as client:
        token = client.fetch_token(f"{address}/auth/jwt/login", username=email, password=password, grant_type="password")
        assert token.get("token_type") == "bearer", token
        reply = client.get(f"{address}/users/me")
        reply.raise_for_status()
        me = reply.json()
        assert client.post(f"{address}/auth/jwt/logout").status_code == 204
print(me["email"])
