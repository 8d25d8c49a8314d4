// Where a sign-in ends, and what stays behind a sign-out.
//
//     node corners.mjs MODULES CHROMIUM SHOP
import { drive, shown } from "./drive.mjs";
import { PASSWORD, send } from "./tour.mjs";
import { sight } from "./watch.mjs";

const [modules, chromium, shop] = process.argv.slice(2);
const EMAIL = "ada@example.com";
const { port } = new URL(shop);

const TARGETS = [
  "https://evil.example/",
  "//evil.example/",
  "/\\evil.example/",
  "javascript:alert(1)",
  "/account/../../evil",
  "/%2e%2e/evil",
  "http://localhost.evil.example/",
  "/\tevil.example",
  "/account/password",
  "/account?from=sign-in#sessions",
];

const scenario = async (person) => {
  const page = await person();
  const go = (path) => page.goto(shop + path);
  const signIn = (on = page) => send(on, "/sign-in", { email: EMAIL, password: PASSWORD });
  await go("/account/sign-up");
  await send(page, "/sign-up", { email: EMAIL, password: PASSWORD, display_name: "Ada" });

  const ends = {};
  for (const target of TARGETS) {
    await go(`/account/sign-in?return_to=${encodeURIComponent(target)}`);
    await signIn();
    ends[target] = page.url().replace(shop, "");
  }
  // Whoever signs in again has one session, and not two.
  const sessions = (await shown(page, `${shop}/users/me/sessions`)).length;

  await go("/.well-known/change-password");
  const wellKnown = await sight(page);

  // Back leads to a page that the browser may have kept.
  await go("/account");
  await send(page, "/sign-out");
  await page.goBack();
  const back = await sight(page);

  // Over plain HTTP, browsers drop a cookie that needs TLS; only the own machine is excepted.
  const plain = await person();
  await plain.goto(`http://shop.example:${port}/account/sign-in`);
  await signIn(plain);
  return { ends, sessions, wellKnown, back, plain: await sight(plain) };
};

// Playwright turns the cache of whole pages off, from which `back` is answered.
const ignoreDefaultArgs = ["--disable-back-forward-cache"];
await drive(modules, chromium, scenario, { args: ["--host-resolver-rules=MAP shop.example 127.0.0.1"], ignoreDefaultArgs });
