"""What the client of openapi-python-client does over a running server: python python_client.py ADDRESS, beside the package python_client_api."""

import importlib
import pkgutil
import sys

import python_client_api as package
from python_client_api.api.auth import (
    auth_cookie_login_auth_cookie_login_post as open_by_cookie,
    auth_cookie_logout_auth_cookie_logout_post as close_by_cookie,
    auth_jwt_login_auth_jwt_login_post as log_in,
    auth_jwt_logout_auth_jwt_logout_post as log_out,
    auth_jwt_refresh_auth_jwt_refresh_post as refresh,
    register_register_auth_register_post as register,
    reset_forgot_password_auth_forgot_password_post as forgot,
)
from python_client_api.api.users import (
    users_current_user_users_me_get as read_me,
    users_list_sessions_users_me_sessions_get as list_sessions,
    users_patch_current_user_users_me_patch as patch_me,
)
from python_client_api.models import (
    BodyAuthCookieLoginAuthCookieLoginPost,
    BodyAuthJwtLoginAuthJwtLoginPost,
    BodyAuthJwtRefreshAuthJwtRefreshPost,
    BodyResetForgotPasswordAuthForgotPasswordPost,
    UserCreate,
    UserUpdateMe,
)

for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)

address = sys.argv[1]
EMAIL, NEXT, PASSWORD = "python.client@example.com", "python.client.next@example.com", "correct horse battery"
nobody = package.Client(base_url=address, raise_on_unexpected_status=True)

user = register.sync(client=nobody, body=UserCreate(email=EMAIL, password=PASSWORD))
assert user.email == EMAIL and not user.is_superuser and user.created_at.tzinfo is not None, user
again = register.sync_detailed(client=nobody, body=UserCreate(email=EMAIL, password=PASSWORD))
assert again.status_code == 400 and again.parsed.detail == "REGISTER_USER_ALREADY_EXISTS", again

pair = log_in.sync(client=nobody, body=BodyAuthJwtLoginAuthJwtLoginPost(username=EMAIL, password=PASSWORD))
assert pair.token_type == "bearer" and pair.expires_in == 3600, pair
following = refresh.sync(client=nobody, body=BodyAuthJwtRefreshAuthJwtRefreshPost(refresh_token=pair.refresh_token))
assert following.access_token != pair.access_token

ada = package.AuthenticatedClient(base_url=address, token=following.access_token, raise_on_unexpected_status=True)
assert read_me.sync(client=ada).id == user.id
assert [session.is_current for session in list_sessions.sync(client=ada)] == [True]
assert patch_me.sync(client=ada, body=UserUpdateMe(email=NEXT)).email == NEXT
body = BodyResetForgotPasswordAuthForgotPasswordPost(email=EMAIL)
assert forgot.sync_detailed(client=nobody, body=body).status_code == 202
assert log_out.sync_detailed(client=ada).status_code == 204
assert read_me.sync_detailed(client=ada).status_code == 401

# The session of httpx keeps the cookie.
with package.Client(base_url=address, raise_on_unexpected_status=True) as browser:
    body = BodyAuthCookieLoginAuthCookieLoginPost(username=NEXT, password=PASSWORD)
    assert open_by_cookie.sync_detailed(client=browser, body=body).status_code == 204
    assert read_me.sync(client=browser).email == NEXT
    assert close_by_cookie.sync_detailed(client=browser).status_code == 204
    assert read_me.sync_detailed(client=browser).status_code == 401
print("done")
