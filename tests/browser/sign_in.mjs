// A person signs in through a provider, by redirects and by a form, and strangers try to make them do so.
//
//     node sign_in.mjs MODULES CHROMIUM SHOP EVIL
import { ask, drive, submit } from "./drive.mjs";

const [modules, chromium, shop, evil] = process.argv.slice(2);
// A page of the shop; it has no other here.
const home = `${shop}/auth/providers`;

await drive(modules, chromium, async (person) => {
  const seen = {};

  for (const provider of ["redirects", "form"]) {
    const page = await person();
    await page.goto(home);
    await submit(page, `/auth/${provider}/start`, { return_to: "/auth/providers" });
    const cookies = await page.context().cookies(shop);
    seen[provider] = {
      url: page.url(),
      me: (await ask(page, "/users/me")).body?.email,
      cookies: cookies.map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite]),
    };

    // The page of another site sends the form with which a person links an account.
    await page.goto(`${evil}/evil?to=${encodeURIComponent(`${shop}/auth/associate/other/start`)}`);
    await page.waitForURL((url) => url.origin === shop);
    seen[`${provider}, forged`] = {
      answer: JSON.parse(await page.textContent("body")).detail,
      identities: await page.goto(home).then(() => ask(page, "/users/me/identities")).then(({ body }) => body.length),
    };
  }

  // A stranger begins, stops before the end, and lets the person come back in their place.
  const { request } = (await person()).context();
  let step = await request.post(`${shop}/auth/redirects/start`, { headers: { origin: shop }, form: {}, maxRedirects: 0 });
  let callback = step.headers().location;
  while (!callback.includes("/callback?")) {
    step = await request.get(callback, { maxRedirects: 0 });
    callback = step.headers().location;
  }
  const victim = await person();
  const response = await victim.goto(callback);
  seen.stranger = { status: response.status(), me: (await ask(victim, "/users/me")).status };
  return seen;
});
