// Faults that are planted into the sign-in, one at a time, and what axe-core says to each. It would otherwise say nothing about any page.
//
//     node planted.mjs MODULES CHROMIUM SHOP
import { drive } from "./drive.mjs";
import { faults, source } from "./modes.mjs";

const [modules, chromium, shop] = process.argv.slice(2);

const PLANTED = {
  nothing: () => {},
  "no label": () => document.querySelector("label[for=email]").remove(),
  "wrong autocomplete": () => document.querySelector("#email").setAttribute("autocomplete", "e-mail-address"),
  "no language": () => document.documentElement.removeAttribute("lang"),
  "pale link": () => document.querySelector(".links a").style.setProperty("color", "#cccccc"),
  "tiny button": () => {
    const button = document.querySelector(".show");
    for (const [name, value] of [["font-size", "6px"], ["padding", "0"], ["min-block-size", "0"], ["inset-block", "0 auto"]]) {
      button.style.setProperty(name, value);
    }
  },
  "another name": () => document.querySelector(".show").setAttribute("aria-label", "Reveal"),
  "wide box": () => {
    const box = document.createElement("div");
    box.textContent = "wide";
    box.style.setProperty("inline-size", "500px");
    document.querySelector("main").append(box);
  },
};

await drive(modules, chromium, async (person) => {
  const page = await person();
  const axe = source(modules);
  const seen = {};
  for (const [name, plant] of Object.entries(PLANTED)) {
    await page.goto(`${shop}/account/sign-in`);
    await page.evaluate(plant);
    seen[name] = [...new Set((await faults(page, axe, ["light", "narrow"])).map((fault) => fault.split(/: | by /)[1]))];
  }
  // A button that was pressed has another text.
  await page.goto(`${shop}/account/sign-in`);
  await page.click(".show");
  seen["shown password"] = await faults(page, axe, ["light"]);
  return seen;
});
