// The client of openapi-generator's typescript-fetch.

import { AuthApi, Configuration, ResponseError, UsersApi } from "./generated/typescript_fetch";
import { cookieOf, demand, expect, password, run } from "./drive";

/** The answer to a request that must be refused. */
async function refused(request: Promise<unknown>): Promise<Response> {
  try {
    await request;
  } catch (error) {
    if (error instanceof ResponseError) return error.response;
    throw error;
  }
  throw new Error("it was not refused");
}

run("generator", async (basePath, email, next) => {
  const apis = (more: { accessToken?: string; headers?: Record<string, string> }) => {
    const configuration = new Configuration({ basePath, ...more });
    return { auth: new AuthApi(configuration), users: new UsersApi(configuration) };
  };
  const nobody = apis({});

  const registered = await nobody.auth.registerRegisterAuthRegisterPost({ userCreate: { email, password } });
  demand(registered.email === email && !registered.isSuperuser && registered.createdAt instanceof Date, "the user");
  const wrong = await refused(nobody.auth.authJwtLoginAuthJwtLoginPost({ username: email, password: "wrong" }));
  expect(400, wrong, "a wrong password");
  const login = await nobody.auth.authJwtLoginAuthJwtLoginPost({ username: email, password });
  demand(login.refreshToken && login.expiresIn === 3600, "a pair");
  const refreshed = await nobody.auth.authJwtRefreshAuthJwtRefreshPost({ refreshToken: login.refreshToken });
  demand(refreshed.accessToken !== login.accessToken, "another token");

  // For OAuth 2.0 this generator sends what it is given, without a scheme before it.
  const ada = apis({ accessToken: `Bearer ${refreshed.accessToken}` });
  demand((await ada.users.usersCurrentUserUsersMeGet()).id === registered.id, "me");
  const patched = await ada.users.usersPatchCurrentUserUsersMePatch({ userUpdateMe: { email: next } });
  demand(patched.email === next, "patch");
  await ada.auth.authJwtLogoutAuthJwtLogoutPost();
  expect(401, await refused(ada.users.usersCurrentUserUsersMeGet()), "me after the logout");

  const opened = await nobody.auth.authCookieLoginAuthCookieLoginPostRaw({ username: next, password });
  const byCookie = apis({ headers: { cookie: cookieOf(opened.raw) } });
  demand((await byCookie.users.usersCurrentUserUsersMeGet()).email === next, "me by cookie");
  await byCookie.auth.authCookieLogoutAuthCookieLogoutPost();
  expect(401, await refused(byCookie.users.usersCurrentUserUsersMeGet()), "me after that");
});
