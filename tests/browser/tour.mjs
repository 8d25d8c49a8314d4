// A person's whole life by pages. It works in every language and without scripts, since it finds forms by where they are sent.
import { createHmac } from "node:crypto";
import { fetchText } from "./beside.mjs";

export const PASSWORD = "correct horse battery";

/** Fills fields in and sends the form whose address ends so. */
export async function send(page, action, fields = {}) {
  const form = page.locator(`form[action$="${action}"]`).first();
  for (const [name, value] of Object.entries(fields)) await form.locator(`[name="${name}"]`).fill(value);
  await Promise.all([page.waitForNavigation(), form.locator("button:not(.show)").click()]);
}

/**
 * Goes through all views. `view` is called at each of them with its name. `shop` and `beside` are addresses, and `another` opens another
 * browser of the same person. The result is where other browsers are after their sessions were ended.
 */
export async function tour({ page, shop, beside, another, view }) {
  const ada = "ada@example.com";
  const go = (path) => page.goto(shop + path);
  const mail = (to) => fetchText(`${beside}/mail?to=${to}`);
  const later = () => fetchText(`${beside}/later`);
  const signIn = (password, email = ada, on = page) => send(on, "/sign-in", { email, password });

  // Registration.
  await go("/account");
  await view("asked to sign in");
  await go("/account/sign-up");
  await view("sign-up");
  await send(page, "/sign-up");
  await view("sign-up, empty");
  await send(page, "/sign-up", { email: "ada@example", password: "short", display_name: "Ada" });
  await view("sign-up, wrong address");
  await send(page, "/sign-up", { email: ada, password: "short" });
  await view("sign-up, short password");
  await send(page, "/sign-up", { password: PASSWORD });
  await view("check mail");
  await send(page, "/check-mail");
  await view("check mail, sent again");
  await go("/account/sign-in");
  await signIn(PASSWORD);
  await view("account, not confirmed");
  await send(page, "/sign-out");

  // Programs that look for viruses open links too.
  await mail(ada);
  const verify = await mail(ada);
  for (const _ of [1, 2, 3]) await page.goto(verify);
  await view("confirm address");
  await send(page, "/verify");
  await view("address confirmed");
  await page.goto(verify);
  await view("spent link");
  await go("/account/verify?token=nonsense");
  await view("broken link");
  await go("/account/check-mail");
  await view("another link");

  // The account.
  await go("/account/sign-in");
  await signIn("wrong horse battery");
  await view("sign-in, wrong password");
  await signIn(PASSWORD);
  await view("account");
  await go("/account/profile");
  await view("profile");
  await send(page, "/profile", { display_name: "", company: "Analytical Engines" });
  await view("profile, no name");
  await send(page, "/profile", { display_name: "Ada Lovelace" });
  await view("profile saved");
  await go("/account/password");
  await view("password");
  await send(page, "/password", { current_password: "wrong horse battery", password: "another horse battery" });
  await view("password, wrong");
  await send(page, "/password", { current_password: PASSWORD, password: "another horse battery" });
  await view("password changed");

  // Another address needs a fresh login.
  await later();
  await go("/account/email");
  await view("asked to sign in again");
  await signIn("another horse battery");
  await view("email");
  await send(page, "/email", { email: "ada" });
  await view("email, wrong");
  await send(page, "/email", { email: "ada@new.example" });
  await view("check mail of the new address");
  await page.goto(await mail("ada@new.example"));
  await view("confirm new address");
  await send(page, "/confirm-email");
  await view("new address confirmed");

  // A forgotten password.
  if (await page.locator('form[action$="/sign-out"]').count()) await send(page, "/sign-out");
  await view("signed out");
  await go("/account/forgot");
  await view("forgot");
  await send(page, "/forgot", { email: "ada@new.example" });
  await view("check mail of the reset");
  await page.goto(await mail("ada@new.example"));
  await view("reset");
  await send(page, "/reset", { password: "short" });
  await view("reset, short password");
  await send(page, "/reset", { password: PASSWORD });
  await view("password reset");
  await signIn(PASSWORD, "ada@new.example");
  await view("account, once more");

  // The administration.
  await go("/account/admin");
  await view("administration, not for users");
  await fetchText(`${beside}/promote?email=ada@new.example`);
  await go("/account/admin");
  await view("users");
  const search = page.locator('form[role="search"]');
  await search.locator('[name="email"]').fill("ADA@");
  await Promise.all([page.waitForNavigation(), search.locator("button").click()]);
  await view("users, found");
  await Promise.all([page.waitForNavigation(), page.locator(".rows a").first().click()]);
  await view("user");
  await Promise.all([page.waitForNavigation(), page.locator('.actions a[href$="/send-reset"]').click()]);
  await view("reset link, asked first");
  await send(page, "/send-reset");
  await view("reset link sent");
  await Promise.all([page.waitForNavigation(), page.locator('.actions a[href$="/remove-factors"]').click()]);
  await view("second factors of a user, asked first");

  // Other browsers, and a second window of this one, in which the same button was pressed before.
  const others = [await another(), await another()];
  for (const other of others) {
    await other.goto(`${shop}/account/sign-in`);
    await signIn(PASSWORD, "ada@new.example", other);
  }
  await go("/account");
  await view("account, three sessions");
  const window = await page.context().newPage();
  await window.goto(`${shop}/account`);
  await send(window, "/end");
  await window.close();
  await send(page, "/end");
  await view("session ended before");
  await go("/account");
  await send(page, "/end-others");
  await view("other sessions ended");
  const ended = [];
  for (const other of others) {
    await other.goto(`${shop}/account`);
    ended.push(new URL(other.url()).pathname);
  }

  // Second factors.
  const follow = (selector) => Promise.all([page.waitForNavigation(), page.locator(selector).first().click()]);
  await go("/account/factors/app");
  await view("app, asked first");
  await send(page, "/factors/app");
  await view("app, picture");
  const secret = (await page.locator("code").first().innerText()).replaceAll(" ", "");
  await send(page, "/app/confirm", { code: "12345", label: "Phone" });
  await view("app, wrong code");
  await send(page, "/app/confirm", { code: code(secret, await fetchText(`${beside}/now`)) });
  await view("recovery codes");
  await follow(".links a");
  await view("account, with an app");
  await follow('a[href$="/rename"]');
  await view("rename an app");
  await send(page, "/rename", { label: "Telephone" });
  await view("app renamed");
  await follow('a[href$="/recovery-codes"]');
  await view("new recovery codes, asked first");
  await send(page, "/recovery-codes");
  await view("new recovery codes");
  const [recovery] = await page.locator(".codes code").allInnerTexts();
  await send(page, "/sign-out");
  await later();
  await signIn(PASSWORD, "ada@new.example");
  await view("second step");
  await send(page, "/second-step", { code: "12345" });
  await view("second step, wrong code");
  await send(page, "/second-step", { code: code(secret, await fetchText(`${beside}/now`)) });
  await view("signed in with the app");
  await send(page, "/sign-out");
  await signIn(PASSWORD, "ada@new.example");
  await follow('.links a[href*="/recovery"]');
  await view("recovery code");
  await send(page, "/recovery", { code: recovery });
  await view("signed in with a recovery code");
  await follow('a[href$="/remove"]');
  await view("remove an app");
  await send(page, "/remove");
  await view("app removed");

  // Providers. The page on the way is left by itself, so the way is closed while it is looked at.
  const away = `${beside}/authorize?**`;
  await page.context().route(away, (route) => route.abort("aborted"));
  await send(page, "/corp/link");
  await view("on to the provider");
  await page.context().unroute(away);
  await Promise.all([page.waitForURL(`${shop}/account`), page.locator(".links a").first().click()]);
  await view("identity linked");
  await send(page, "/sign-out");
  await Promise.all([page.waitForURL(/error=/), press(page, "/other/sign-in")]);
  await view("provider refused");
  await Promise.all([page.waitForURL(`${shop}/account`), press(page, "/corp/sign-in")]);
  await view("signed in by the provider");
  await send(page, "/remove");
  await view("identity removed");

  // The end.
  await go("/account/delete");
  await view("delete");
  await send(page, "/delete");
  await view("account deleted");
  await signIn(PASSWORD, "ada@new.example");
  await view("sign-in, deleted");
  await go("/account/signed-in");
  await view("no cookie");
  return ended;
}

/** What an authenticator app shows at a second of the clock (RFC 6238). */
function code(secret, now) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(now / 30)));
  const digest = createHmac("sha1", key).update(step).digest();
  const number = digest.readUInt32BE(digest[19] & 15) & 0x7fffffff;
  return String(number % 1_000_000).padStart(6, "0");
}

/** Presses the button of a form. */
function press(page, action) {
  return page.locator(`form[action$="${action}"] button`).click();
}
