// What someone without a mouse meets: where Tab leads, whether it shows, and where the focus is after a mistake.
//
//     node keyboard.mjs MODULES CHROMIUM SHOP
import { drive } from "./drive.mjs";

const [modules, chromium, shop] = process.argv.slice(2);

await drive(modules, chromium, async (person) => {
  const page = await person({ viewport: { width: 1280, height: 1000 }, locale: "en" });
  const seen = {};

  await page.goto(`${shop}/account/sign-in`);
  seen.order = await order(page);
  // The first link leads past what every page has.
  await page.goto(`${shop}/account/sign-in`);
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.keyboard.press("Tab");
  seen["after the skip link"] = (await focused(page)).name;

  // Without a mouse from the empty form to the field with the mistake.
  for (const scripts of [true, false]) {
    const other = await person({ javaScriptEnabled: scripts, locale: "en" });
    await other.goto(`${shop}/account/sign-up`);
    await other.focus("#email");
    await other.keyboard.type("ada");
    await Promise.all([other.waitForNavigation(), other.keyboard.press("Enter")]);
    const summary = (await focused(other)).name;
    await other.keyboard.press("Tab");
    const link = (await focused(other)).name;
    await other.keyboard.press("Enter");
    const field = (await focused(other)).name;
    seen[`mistake, scripts ${scripts ? "on" : "off"}`] = { summary, link, field, title: await other.title() };
  }
  return seen;
});

/** What Tab reaches, one after the other, until it leaves the page. */
async function order(page) {
  const stops = [];
  let above = 0;
  for (;;) {
    await page.keyboard.press("Tab");
    const { name, isOutlined, top } = await focused(page);
    if (!name || stops.some((stop) => stop.name === name)) return stops;
    stops.push({ name, isOutlined, isBelow: top >= above });
    // What stands in one line begins at about the same height.
    above = top - 24;
  }
}

/** The element with the focus: its name, whether that shows, and where it is. */
function focused(page) {
  const look = () => {
    const element = document.activeElement;
    if (!element || element === document.body) return { name: null };
    const { outlineStyle, outlineWidth } = getComputedStyle(element);
    const label = element.labels?.[0]?.textContent;
    const name = (label ?? element.getAttribute("aria-label") ?? element.textContent).trim().split("\n")[0];
    const isOutlined = outlineStyle !== "none" && parseFloat(outlineWidth) >= 2;
    return { name, isOutlined, top: element.getBoundingClientRect().top };
  };
  return page.evaluate(look);
}
