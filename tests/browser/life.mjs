// The tour of a person, and what is seen on it.
//
//     node life.mjs MODULES CHROMIUM SHOP BESIDE SCRIPTS [PICTURES]
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { drive } from "./drive.mjs";
import { tour } from "./tour.mjs";
import { sight, watch } from "./watch.mjs";

const [modules, chromium, shop, beside, scripts, pictures] = process.argv.slice(2);

await drive(modules, chromium, async (person) => {
  const open = () => person({ javaScriptEnabled: scripts === "on", viewport: { width: 1280, height: 900 } });
  const page = await open();
  const faults = watch(page, shop);
  const views = [];
  const view = async (name) => {
    views.push({ name, ...(await sight(page)) });
    if (pictures) await take(page, join(pictures, name.replaceAll(/[^a-z]+/g, "-")));
  };
  const ended = await tour({ page, shop, beside, another: open, view });
  if (pictures) await compose(await open(), pictures);
  return { views, ended, faults };
});

/** Takes pictures of a view: wide and narrow, light and dark. */
async function take(page, path) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    for (const width of [1280, 360]) {
      await page.setViewportSize({ width, height: 640 });
      await page.screenshot({ path: `${path}-${colorScheme}-${width}.png`, fullPage: true });
    }
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** Puts three narrow views side by side, as the README shows them, in light and in dark. */
async function compose(page, pictures) {
  const names = ["address-confirmed", "account-three-sessions", "users"];
  await page.setViewportSize({ width: 1112, height: 720 });
  for (const colorScheme of ["light", "dark"]) {
    const image = (name) => {
      const picture = readFileSync(join(pictures, `${name}-${colorScheme}-360.png`)).toString("base64");
      return `<img style="width:360px;height:700px;object-fit:cover;object-position:top" src="data:image/png;base64,${picture}">`;
    };
    await page.setContent(`<body style="margin:0;display:flex;gap:12px;padding:9px">${names.map(image).join("")}`);
    await page.screenshot({ path: join(pictures, `readme-${colorScheme}.png`), omitBackground: true });
  }
}
