// The ways in which people see a page: in the light and in the dark, on a narrow screen, with large text. In each of them axe-core looks for
// what keeps people out, without a change of the policy of the page: what a debugger evaluates is not of the page.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const MODES = {
  light: { colorScheme: "light", width: 1280, text: 16, rules: "all" },
  dark: { colorScheme: "dark", width: 1280, text: 16 },
  narrow: { colorScheme: "light", width: 320, text: 16 },
  large: { colorScheme: "dark", width: 640, text: 32 },
};

// What depends on colours and on where things are. Everything else is the same in each way, and is looked at once.
const LOOKS = ["color-contrast", "scrollable-region-focusable", "target-size"];

/** The source of axe-core. */
export function source(modules) {
  return readFileSync(join(modules, "axe-core", "axe.min.js"), "utf8");
}

/** The rules that a page breaks, with the elements that do. Two rules that others leave out are ours too (WCAG 2.2, 2.5.3 and 2.5.8). */
async function violations(page, axe, looksAlone) {
  if (!(await page.evaluate(() => "axe" in window))) await page.evaluate(axe);
  const run = async (looks) => {
    const rules = { "target-size": { enabled: true }, "label-content-name-mismatch": { enabled: true } };
    const which = looks ? { runOnly: { type: "rule", values: looks } } : { rules };
    const { violations } = await window.axe.run({ ...which, resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 200)).join(" ")}`);
  };
  return page.evaluate(run, looksAlone ? LOOKS : null);
}

/** What is wrong with a page in each way, or in the listed ones. */
export async function faults(page, axe, modes = Object.keys(MODES)) {
  const found = [];
  for (const mode of modes) {
    const { colorScheme, width, text, rules } = MODES[mode];
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    await page.setViewportSize({ width, height: 800 });
    // A person who needs large text sets it in the browser. Every length of the text follows from the one of the root.
    const enlarge = (pixels) => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`html { font-size: ${pixels}px }`);
      document.adoptedStyleSheets = [sheet];
      return getComputedStyle(document.body).fontSize;
    };
    const size = await page.evaluate(enlarge, text);
    if (size !== `${text}px`) found.push(`${mode}: the text has ${size}`);
    found.push(...(await violations(page, axe, rules !== "all")).map((fault) => `${mode}: ${fault}`));
    const over = () => document.documentElement.scrollWidth - document.documentElement.clientWidth;
    const by = await page.evaluate(over);
    if (by > 0) found.push(`${mode}: scrolls sideways by ${by} pixels`);
  }
  return found;
}
