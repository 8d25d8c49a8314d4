"""What the client of openapi-generator's python does over a running server: python python_generator.py ADDRESS, beside the package
python_generator_api."""

import importlib
import pkgutil
import sys

import python_generator_api as package
from python_generator_api import ApiClient, ApiException, AuthApi, Configuration, UserCreate, UsersApi, UserUpdateMe

for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)

address = sys.argv[1]
EMAIL, NEXT, PASSWORD = "generator@example.org", "generator.next@example.org", "correct horse battery"


def apis(**options):
    client = ApiClient(Configuration(host=address, **options))
    return AuthApi(client), UsersApi(client)


def refused(call, status, **arguments):
    try:
        call(**arguments)
    except ApiException as error:
        assert error.status == status, error
        return error.body
    raise AssertionError("it was not refused")


auth, users = apis()
user = auth.register_register_auth_register_post(UserCreate(email=EMAIL, password=PASSWORD))
assert user.email == EMAIL and not user.is_superuser and user.created_at.tzinfo is not None, user
wrong = refused(auth.auth_jwt_login_auth_jwt_login_post, 400, username=EMAIL, password="wrong")
assert "LOGIN_BAD_CREDENTIALS" in wrong, wrong
pair = auth.auth_jwt_login_auth_jwt_login_post(username=EMAIL, password=PASSWORD)
assert pair.token_type == "bearer" and pair.expires_in == 3600, pair
following = auth.auth_jwt_refresh_auth_jwt_refresh_post(refresh_token=pair.refresh_token)
assert following.access_token != pair.access_token

auth, users = apis(access_token=following.access_token)
assert users.users_current_user_users_me_get().id == user.id
assert [session.is_current for session in users.users_list_sessions_users_me_sessions_get()] == [True]
assert users.users_patch_current_user_users_me_patch(UserUpdateMe(email=NEXT)).email == NEXT
auth.auth_jwt_logout_auth_jwt_logout_post()
refused(users.users_current_user_users_me_get, 401)

auth, _ = apis()
opened = auth.auth_cookie_login_auth_cookie_login_post_with_http_info(username=NEXT, password=PASSWORD)
assert opened.status_code == 204
headers = {name.lower(): value for name, value in opened.headers.items()}
name, value = headers["set-cookie"].split(";")[0].split("=", 1)
auth, users = apis(api_key={"APIKeyCookie": value})
assert users.users_current_user_users_me_get().email == NEXT
auth.auth_cookie_logout_auth_cookie_logout_post()
refused(users.users_current_user_users_me_get, 401)
print("done")
