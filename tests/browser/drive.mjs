// What the scenarios share: Chromium as Debian packages it, driven by playwright. A scenario prints one line of JSON.
import { createRequire } from "node:module";
import { join } from "node:path";

/**
 * Runs a scenario in a browser, with a function that makes a window of a person of their own, without the cookies of others. `launch` has
 * more options for the browser, and the function takes those of the person.
 */
export async function drive(modules, chromium, scenario, { args = [], ...launch } = {}) {
  const playwright = createRequire(join(modules, "x.js"))("playwright-core");
  // Chromium runs in no sandbox for root.
  const browser = await playwright.chromium.launch({ executablePath: chromium, args: ["--no-sandbox", ...args], ...launch });
  try {
    const person = async (options = {}) => {
      const page = await (await browser.newContext(options)).newPage();
      page.setDefaultTimeout(10_000);
      return page;
    };
    console.log(JSON.stringify(await scenario(person)));
  } finally {
    await browser.close();
  }
}

/** Sends a form from the page that is shown, as a button would, and waits for the page after all redirects. */
export async function submit(page, action, fields) {
  const form = ([action, fields]) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action });
    for (const [name, value] of Object.entries(fields)) {
      form.append(Object.assign(document.createElement("input"), { name, value }));
    }
    document.body.append(form);
    form.submit();
  };
  await Promise.all([page.waitForNavigation({ waitUntil: "networkidle" }), page.evaluate(form, [action, fields])]);
}

/** What the page that is shown gets from a path of its site. */
export function ask(page, path) {
  const get = async (path) => {
    const response = await fetch(path);
    return { status: response.status, body: await response.json().catch(() => null) };
  };
  return page.evaluate(get, path);
}

/** What a path of a site says in JSON, shown as a page: the policy of pages lets them fetch nothing. */
export async function shown(page, url) {
  await page.goto(url);
  return JSON.parse(await page.textContent("body"));
}
