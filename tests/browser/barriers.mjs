// Every view of the tour, examined by axe-core in every mode.
//
//     node barriers.mjs MODULES CHROMIUM SHOP BESIDE [LANGUAGE]
import { drive } from "./drive.mjs";
import { faults, source } from "./modes.mjs";
import { tour } from "./tour.mjs";
import { sight, watch } from "./watch.mjs";

const [modules, chromium, shop, beside, language] = process.argv.slice(2);

await drive(modules, chromium, async (person) => {
  const page = await person();
  const complaints = watch(page, shop);
  const axe = source(modules);
  const found = [];
  const views = [];
  const kinds = new Set();
  const view = async (name) => {
    views.push({ name, ...(await sight(page)) });
    if (language) found.push(...(await untranslated(page)).map((fault) => `${name}: ${fault}`));
    // Under the same heading the same elements are examined once.
    const kind = await skeleton(page);
    if (kinds.has(kind)) return;
    kinds.add(kind);
    // A right-to-left language changes where things are, and not their colours.
    const at = language ? await faults(page, axe, ["narrow", "large"]) : await faults(page, axe);
    found.push(...at.map((fault) => `${name}: ${fault}`));
  };
  if (language) await page.goto(`${shop}/account/sign-in?lang=${language}`);
  await tour({ page, shop, beside, another: person, view });
  return { views, found, kinds: kinds.size, faults: complaints };
});

/** The heading of a page and the elements that it has. */
function skeleton(page) {
  const look = () => {
    const elements = [...document.body.querySelectorAll("*")].map(({ tagName, className, id }) => `${tagName}.${className}#${id}`);
    return [document.querySelector("h1").textContent, ...elements].join(" ");
  };
  return page.evaluate(look);
}

/** Texts of the library without an accent, and pages that run in the wrong direction. */
function untranslated(page) {
  const look = () => {
    const found = [];
    const { lang, dir } = document.documentElement;
    if (lang !== "qps-rtl" || dir !== "rtl") found.push(`the page is ${lang}, ${dir}`);
    const texts = document.querySelectorAll("title, h1, h2, label, button, dt, .hint, .error, .notice, .links a, main p, .errors li");
    for (const text of texts) {
      // An address or a name in it is no one's text.
      const clone = text.cloneNode(true);
      for (const value of clone.querySelectorAll("bdi, time")) value.remove();
      const said = clone.textContent.trim();
      if (/[a-z]{3}/i.test(said) && !/[^\x00-\x7f]/.test(said)) found.push(`not translated: ${said}`);
    }
    return found;
  };
  return page.evaluate(look);
}
