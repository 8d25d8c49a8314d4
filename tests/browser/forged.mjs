// Pages of strangers send every form of the shop: from another site, and from another origin of the same one, where the cookie goes along.
//
//     node forged.mjs MODULES CHROMIUM SHOP BESIDE ELSEWHERE PATHS
import { drive, shown } from "./drive.mjs";
import { fetchText } from "./beside.mjs";
import { PASSWORD, send } from "./tour.mjs";

const [modules, chromium, shop, beside, elsewhere, paths] = process.argv.slice(2);
const EMAIL = "ada@example.com";

await drive(modules, chromium, async (person) => {
  const page = await person();
  await page.goto(`${shop}/account/sign-up`);
  await send(page, "/sign-up", { email: EMAIL, password: PASSWORD, display_name: "Ada" });
  await page.goto(await fetchText(`${beside}/mail?to=${EMAIL}`));
  await send(page, "/verify");
  await page.goto(`${shop}/account/sign-in`);
  await send(page, "/sign-in", { email: EMAIL, password: PASSWORD });
  await send(page, "/corp/link");
  await page.waitForURL(`${shop}/account`);

  const state = async () => ({
    user: await shown(page, `${shop}/users/me`),
    sessions: await shown(page, `${shop}/users/me/sessions`),
    identities: await shown(page, `${shop}/users/me/identities`),
    cookies: (await page.context().cookies(shop)).map(({ name, value }) => `${name}=${value}`).sort(),
  });
  const before = await state();
  const { sessions, identities } = before;
  // The real ids: the routes would find what they are asked for.
  const real = (path) =>
    path
      .replace("sessions/{id}", `sessions/${sessions[0].id}`)
      .replace("identities/{id}", `identities/${identities[0].id}`)
      .replace("{provider}", "corp")
      .replace(/\{[a-z]+\}/, "nobody");

  const statuses = {};
  const stranger = await person();
  for (const [who, victim] of [["signed in", page], ["signed out", stranger]]) {
    // Without a login, it makes no difference to the browser which site it is.
    const origins = [["other site", elsewhere], ["same site", beside]].slice(0, victim === page ? 2 : 1);
    for (const [from, origin] of origins) {
      for (const path of paths.split(",")) {
        const to = shop + real(path);
        const answer = victim.waitForResponse((response) => response.url() === to);
        await victim.goto(`${origin}/forge?policy=origin&to=${encodeURIComponent(to)}`);
        const status = (await answer).status();
        statuses[`${who}, ${from}: ${status}`] = (statuses[`${who}, ${from}: ${status}`] ?? 0) + 1;
      }
    }
  }
  const cookies = (await stranger.context().cookies(shop)).map(({ name }) => name);

  // Over plain HTTP to another name than that of the own machine, browsers say no more than the origin, or that they keep it to themselves.
  const [plain, evil] = [shop, beside].map((url, at) => url.replace("localhost", ["shop.example", "evil.example"][at]));
  for (const policy of ["origin", "no-referrer"]) {
    const to = `${plain}/account/sign-in`;
    const answer = stranger.waitForResponse(to);
    await stranger.goto(`${evil}/forge?policy=${policy}&to=${encodeURIComponent(to)}`);
    const { origin, ["sec-fetch-site"]: site } = await (await answer).request().allHeaders();
    statuses[`plain, ${policy}: ${(await answer).status()}, ${origin === evil ? "origin" : origin}, ${site}`] = 1;
  }
  return { statuses, isUnchanged: JSON.stringify(await state()) === JSON.stringify(before), cookies };
}, { args: ["--host-resolver-rules=MAP shop.example 127.0.0.1, MAP evil.example 127.0.0.1"] });
