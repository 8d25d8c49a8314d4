// The SDK of @hey-api/openapi-ts.

import { createClient } from "./generated/hey_api/client";
import * as sdk from "./generated/hey_api";
import { cookieOf, demand, expect, password, run } from "./drive";

run("hey", async (baseUrl, email, next) => {
  let token: string | undefined;
  const client = createClient({ baseUrl, auth: ({ scheme }) => (scheme === "bearer" ? token : undefined) });

  const registered = await sdk.registerRegisterAuthRegisterPost({ client, body: { email, password } });
  expect(201, registered.response, "register");
  demand(registered.data?.email === email && !registered.data.is_superuser, "the user");

  const wrong = await sdk.authJwtLoginAuthJwtLoginPost({ client, body: { username: email, password: "wrong" } });
  expect(400, wrong.response, "a wrong password");
  demand(wrong.error && "detail" in wrong.error && wrong.error.detail === "LOGIN_BAD_CREDENTIALS", "the code");
  const login = await sdk.authJwtLoginAuthJwtLoginPost({ client, body: { username: email, password } });
  const { access_token, refresh_token, expires_in } = login.data!;
  demand(refresh_token && expires_in === 3600, "a pair");
  const refreshed = await sdk.authJwtRefreshAuthJwtRefreshPost({ client, body: { refresh_token } });
  demand(refreshed.data && refreshed.data.access_token !== access_token, "another token");

  token = refreshed.data.access_token;
  demand((await sdk.usersCurrentUserUsersMeGet({ client })).data?.id === registered.data.id, "me");
  const patched = await sdk.usersPatchCurrentUserUsersMePatch({ client, body: { email: next } });
  demand(patched.data?.email === next, "patch");
  const sessions = await sdk.usersListSessionsUsersMeSessionsGet({ client });
  demand(sessions.data?.length === 1 && sessions.data[0].is_current, "the sessions");
  expect(204, (await sdk.authJwtLogoutAuthJwtLogoutPost({ client })).response, "logout");
  expect(401, (await sdk.usersCurrentUserUsersMeGet({ client })).response, "me after it");

  token = undefined;
  const opened = await sdk.authCookieLoginAuthCookieLoginPost({ client, body: { username: next, password } });
  expect(204, opened.response, "login by cookie");
  const headers = { cookie: cookieOf(opened.response) };
  demand((await sdk.usersCurrentUserUsersMeGet({ client, headers })).data?.email === next, "me by cookie");
  expect(204, (await sdk.authCookieLogoutAuthCookieLogoutPost({ client, headers })).response, "logout by cookie");
  expect(401, (await sdk.usersCurrentUserUsersMeGet({ client, headers })).response, "me after that");
});
