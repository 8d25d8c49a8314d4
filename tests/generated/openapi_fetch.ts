// The types of openapi-typescript, through openapi-fetch.

import createClient from "openapi-fetch";
import type { paths } from "./generated/openapi_typescript";
import { cookieOf, demand, expect, password, run } from "./drive";

// Written as a form by this header.
const form = { "content-type": "application/x-www-form-urlencoded" };

run("fetch", async (baseUrl, email, next) => {
  const client = createClient<paths>({ baseUrl });
  const credentials = { username: next, password };

  const registered = await client.POST("/auth/register", { body: { email, password } });
  expect(201, registered.response, "register");
  demand(registered.data?.email === email && !registered.data.is_superuser, "the user");
  const again = await client.POST("/auth/register", { body: { email, password } });
  expect(400, again.response, "register again");
  demand(again.error && "detail" in again.error && again.error.detail === "REGISTER_USER_ALREADY_EXISTS", "the code");

  const login = await client.POST("/auth/jwt/login", { body: { username: email, password }, headers: form });
  expect(200, login.response, "login");
  const { access_token, refresh_token, expires_in } = login.data!;
  demand(refresh_token && expires_in === 3600, "a pair");
  const refreshed = await client.POST("/auth/jwt/refresh", { body: { refresh_token }, headers: form });
  demand(refreshed.data && refreshed.data.access_token !== access_token, "another token");

  const headers = { authorization: `Bearer ${refreshed.data.access_token}` };
  const me = await client.GET("/users/me", { headers });
  demand(me.data?.id === registered.data.id, "me");
  const patched = await client.PATCH("/users/me", { headers, body: { email: next } });
  demand(patched.data?.email === next, "patch");
  expect(403, (await client.GET("/users", { headers })).response, "the list");
  expect(202, (await client.POST("/auth/forgot-password", { body: { email } })).response, "forgot");
  expect(204, (await client.POST("/auth/jwt/logout", { headers })).response, "logout");
  expect(401, (await client.GET("/users/me", { headers })).response, "me after it");

  const opened = await client.POST("/auth/cookie/login", { body: credentials, headers: form });
  expect(204, opened.response, "login by cookie");
  const cookie = { cookie: cookieOf(opened.response) };
  demand((await client.GET("/users/me", { headers: cookie })).data?.email === next, "me by cookie");
  expect(204, (await client.POST("/auth/cookie/logout", { headers: cookie })).response, "logout by cookie");
  expect(401, (await client.GET("/users/me", { headers: cookie })).response, "me after that");
});
