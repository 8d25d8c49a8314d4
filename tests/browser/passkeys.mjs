// Passkeys in Chromium with a virtual authenticator: on the pages, on a page without them, and what is refused although a real browser has
// made it.
//
//     node passkeys.mjs MODULES CHROMIUM SHOP NEIGHBOUR
import { drive } from "./drive.mjs";
import { PASSWORD, send } from "./tour.mjs";
import { sight, watch } from "./watch.mjs";

const [modules, chromium, shop, neighbour] = process.argv.slice(2);
const ada = "ada@example.com";
const bob = "bob@example.com";

await drive(modules, chromium, async (person) => {
  const page = await person();
  const faults = watch(page, shop);
  const device = await authenticator(page);
  // The virtual authenticator answers each question at once, also that of the suggestions. They are offered only where they are looked at.
  let suggests = false;
  await page.exposeFunction("suggests", () => suggests);
  await page.addInitScript(() => (PublicKeyCredential.isConditionalMediationAvailable = () => window.suggests()));
  const views = [];
  const view = async (name) => views.push({ name, ...(await sight(page)) });
  const go = (path) => page.goto(shop + path);
  const signIn = (email) => send(page, "/account/sign-in", { email, password: PASSWORD });
  const signOut = async () => {
    await go("/account");
    await send(page, "/sign-out");
  };

  // On the pages: offered after a password, and added.
  await go("/account/sign-in");
  await signIn(ada);
  await view("offered");
  await send(page, "/factors/passkey/offer");
  await view("asked for a passkey");
  await send(page, "/passkey/confirm", { label: "Phone" });
  await view("recovery codes");
  await go("/account");
  await view("account");
  const listed = await page.locator(".rows .name").allInnerTexts();
  // The same device once more has a passkey already.
  await go("/account/factors/passkey");
  await send(page, "/factors/passkey");
  await page.locator('form[action$="/confirm"] button').click();
  await page.locator('form[action$="/confirm"] [role="alert"]:not([hidden])').waitFor();
  const known = await page.locator('form[action$="/confirm"] [role="alert"]').innerText();

  // Without a name, by the button.
  await signOut();
  await go("/account/sign-in");
  await view("sign-in");
  const answer = page.waitForRequest((request) => request.url().endsWith("/sign-in/passkey") && request.method() === "POST");
  await Promise.all([page.waitForURL(`${shop}/account`), page.locator('form[action$="/sign-in/passkey"] button').click()]);
  await view("signed in by the button");
  const sent = (await answer).postData();

  // By the suggestions, as soon as the page is shown.
  await signOut();
  suggests = true;
  await Promise.all([page.waitForURL(`${shop}/account`), go("/account/sign-in")]);
  suggests = false;
  await view("signed in by a suggestion");

  // As a second step.
  await signOut();
  await go("/account/sign-in");
  await signIn(ada);
  await view("second step");
  await Promise.all([page.waitForURL(`${shop}/account`), page.locator('form[action$="/second-step/passkey"] button').click()]);
  await view("signed in by the second step");

  // What was sent before is refused.
  await go("/account");
  await send(page, "/sign-out");
  const again = Object.fromEntries(new URLSearchParams(sent));
  const form = await page.context().request.post(`${shop}/account/sign-in/passkey`, { form: again, headers: { origin: shop } });
  const replayed = { status: form.status(), says: (await form.text()).includes("That took too long") };

  // A page of the application's own, with the lines of the guide.
  await go("/users/me");
  await page.evaluate(guide);
  const on = (name, ...args) => page.evaluate(([name, args]) => window[name](...args), [name, args]);
  const bare = {};
  bare.password = await on("password", bob, PASSWORD);
  await device.clear();
  bare.added = await on("addPasskey", "Key");
  bare.alone = await on("logIn");
  bare.suggested = await on("logIn", "conditional");
  bare.second = await on("secondStep", bob, PASSWORD);

  // What a real browser has signed, and must not count.
  const refused = { replayed };
  refused.again = await on("sendAgain");
  refused.unverified = await device.without(() => on("logIn", undefined, { userVerification: "discouraged" }));
  refused.counter = await device.setBack(() => on("logIn"));
  refused.user = await on("secondStep", ada, PASSWORD, { allowCredentials: [] });
  const challenge = await on("options");
  await page.goto(neighbour);
  await page.evaluate(guide);
  const elsewhere = await on("sign", challenge);
  await go("/users/me");
  await page.evaluate(guide);
  refused.port = await on("sendLogin", challenge.pending_token, elsewhere);
  await page.goto(neighbour.replace("localhost", "127.0.0.1"));
  await page.evaluate(guide);
  refused.host = await on("sign", challenge).catch((error) => /SecurityError/.test(error.message) && "SecurityError");
  return { views, listed, known, bare, refused, faults };
});

/** A virtual authenticator like that of a phone, for the pages of a window. */
async function authenticator(page) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable", { enableUI: false });
  const options = {
    protocol: "ctap2",
    ctap2Version: "ctap2_1",
    transport: "internal",
    hasResidentKey: true,
    hasUserVerification: true,
    isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options });
  const ask = (method, more) => session.send(`WebAuthn.${method}`, { authenticatorId, ...more });
  return {
    clear: () => ask("clearCredentials"),
    /** What happens while its user is not verified. */
    without: async (work) => {
      await ask("setUserVerified", { isUserVerified: false });
      const seen = await work();
      await ask("setUserVerified", { isUserVerified: true });
      return seen;
    },
    /** What happens after its counter was set back, as that of a copy is. */
    setBack: async (work) => {
      const { credentials } = await ask("getCredentials");
      for (const credential of credentials) {
        await ask("removeCredential", { credentialId: credential.credentialId });
        await ask("addCredential", { credential: { ...credential, signCount: 0 } });
      }
      return work();
    },
  };
}

/** The lines of the guide, with what is noted of the answers. */
function guide() {
  const post = async (path, body) => {
    const headers = { "content-type": "application/json" };
    const answer = await fetch(path, { method: "POST", headers, body: body && JSON.stringify(body) });
    return { status: answer.status, body: await answer.json().catch(() => null) };
  };
  const said = ({ status, body }) => [status, body?.detail?.code ?? body?.detail ?? null];
  const get = async (publicKey, mediation, changes) => {
    const options = PublicKeyCredential.parseRequestOptionsFromJSON({ ...publicKey, ...changes });
    return (await navigator.credentials.get({ publicKey: options, mediation })).toJSON();
  };
  const first = (username, password) =>
    fetch("/auth/cookie/login", { method: "POST", body: new URLSearchParams({ username, password }) });
  const login = "/auth/cookie/login/passkey";
  let last;
  Object.assign(window, {
    password: async (username, password) => (await first(username, password)).status,
    addPasskey: async (label) => {
      const begun = await post("/users/me/factors/passkeys");
      const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(begun.body.options.publicKey);
      const credential = (await navigator.credentials.create({ publicKey })).toJSON();
      const { pending_token } = begun.body;
      return said(await post("/users/me/factors/passkeys/confirm", { pending_token, credential, label }));
    },
    options: async () => (await post(`${login}-options`)).body,
    sign: (begun) => get(begun.options.publicKey),
    sendLogin: async (pending_token, credential) => said(await post(login, { pending_token, credential })),
    sendAgain: async () => said(await post(login, last)),
    logIn: async (mediation, changes) => {
      const { body } = await post(`${login}-options`);
      last = { pending_token: body.pending_token, credential: await get(body.options.publicKey, mediation, changes) };
      return said(await post(login, last));
    },
    secondStep: async (username, password, changes) => {
      const { detail } = await (await first(username, password)).json();
      const { publicKey } = JSON.parse(detail.options).passkey;
      const credential = await get(publicKey, undefined, changes);
      const { pending_token } = detail;
      return said(await post("/auth/cookie/login/second-factor", { pending_token, credential }));
    },
  });
}
