// Checks report pages in headless Chromium: node check.mjs REPORT.html...
// Prints a line for each check with what it looked at, and "N passed, N failed" at the end; exits 1 if one failed.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { contrasts, cut, figureTexts, focusables, headings, overflow, panels, scrollers } from "./look.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const WIDTHS = [375, 1280];
const SCHEMES = ["light", "dark"];
// What a sheet of A4 leaves between its margins (page.css), in CSS px.
const SHEET_PX = ((210 - 2 * 12) / 25.4) * 96;
const MIN_TEXT_PX = 10;
const MIN_CONTRAST = 4.5;

const reports = process.argv.slice(2).map((path) => resolve(path));
const counts = { passed: 0, failed: 0 };

/** Prints a check: what was looked at, and the faults found. */
function report(name, looked, faults) {
  counts[faults.length ? "failed" : "passed"] += 1;
  console.log(`${faults.length ? "FAILED" : "passed"}  ${name}: ${looked}`);
  faults.slice(0, 8).forEach((fault) => console.log(`          ${fault}`));
  if (faults.length > 8) console.log(`          and ${faults.length - 8} more`);
}

/** Opens a page and keeps all that it says. */
async function open(browser, path, options, said) {
  const page = await browser.newPage(options);
  page.on("console", (message) => said.push(`console ${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => said.push(`error: ${error.message}`));
  page.on("request", (request) => request.url() !== `file://${path}` && said.push(`request: ${request.url().slice(0, 80)}`));
  await page.goto(`file://${path}`);
  return page;
}

/** A window of one width in one scheme. */
async function checkWindow(browser, path, width, colorScheme, said) {
  const page = await open(browser, path, { viewport: { width, height: 800 }, colorScheme }, said);
  const at = `${width} px, ${colorScheme}`;

  const wide = await page.evaluate(overflow);
  report(at, `${wide.looked} elements, nothing wider than the window`, wide.faults);

  const cells = await page.evaluate(cut);
  report(at, `${cells.looked} cells of tables, none that has to be scrolled to`, cells.faults);

  const drawn = await page.evaluate(panels);
  report(at, `${drawn.looked} panels, each shows one drawing that has a name`, drawn.faults);

  const texts = await page.evaluate(figureTexts);
  const smallest = texts.reduce((least, text) => Math.min(least, text.px), Infinity);
  const small = width === 375 ? texts.filter((text) => text.px < MIN_TEXT_PX) : [];
  report(at, `${texts.length} texts in figures, the smallest ${smallest.toFixed(1)} px`, small.map((t) => `${t.px.toFixed(1)} px: ${t.text}`));
  const faults = texts.filter((text) => text.fault).map((text) => `${text.fault}: ${text.text}`);
  report(at, `${texts.length} texts in figures, none cut off and none over another`, faults);

  const ratios = await page.evaluate(contrasts);
  const least = ratios.reduce((low, text) => Math.min(low, text.ratio), Infinity);
  const weak = ratios.filter((text) => text.ratio < MIN_CONTRAST).map((t) => `${t.ratio.toFixed(2)}: ${t.text}`);
  report(at, `contrast of ${ratios.length} texts in figures, the least ${least.toFixed(2)}`, weak);

  await page.addScriptTag({ path: AXE });
  const axe = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations", "incomplete"] }));
  const serious = axe.violations.filter((v) => ["serious", "critical"].includes(v.impact));
  report(at, `axe, ${axe.passes.length} rules passed`, serious.map((v) => `${v.id}: ${v.help}: ${v.nodes[0].html.slice(0, 120)}`));

  await checkKeyboard(page, at);
  await page.close();
}

/** Tab reaches every link, summary and region that scrolls; where it is can be seen. */
async function checkKeyboard(page, at) {
  const regions = await page.evaluate(scrollers);
  report(at, `${regions.looked} regions that scroll, each with a name and a place in the order of Tab`, regions.faults);
  const wanted = await page.evaluate(focusables);
  const reached = new Set();
  const unseen = [];
  for (let i = 0; i < wanted.length + 5; i += 1) {
    await page.keyboard.press("Tab");
    const focus = await page.evaluate(() => {
      const element = document.activeElement;
      const style = getComputedStyle(element);
      return { id: element.dataset.check, seen: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2, html: element.outerHTML.slice(0, 80) };
    });
    if (focus.id === undefined) continue;
    reached.add(focus.id);
    if (!focus.seen) unseen.push(`no outline: ${focus.html}`);
  }
  const missed = wanted.filter((element) => !reached.has(element.id)).map((element) => `not reached: ${element.html}`);
  report(at, `${wanted.length} links, summaries and regions reached by Tab, each with an outline`, [...missed, ...unseen]);
}

/** On paper: nothing beside the sheet, every column there, and no heading as the last line of a page. */
async function checkPaper(browser, path, folder, said) {
  const page = await open(browser, path, { viewport: { width: Math.floor(SHEET_PX), height: 1000 }, colorScheme: "dark" }, said);
  await page.emulateMedia({ media: "print", colorScheme: "light" });
  const wide = await page.evaluate(overflow);
  report("paper", `${wide.looked} elements, nothing wider than the sheet`, wide.faults);
  const hidden = await page.evaluate(() => {
    const all = [...document.querySelectorAll("th, td, details > *")];
    const isHidden = (element) => !element.checkVisibility({ contentVisibilityAuto: true });
    return { looked: all.length, faults: all.filter(isHidden).map((element) => `hidden: ${element.outerHTML.slice(0, 80)}`) };
  });
  report("paper", `${hidden.looked} cells and details, none hidden`, hidden.faults);

  const titles = await page.evaluate(headings);
  const pdf = join(folder, "page.pdf");
  await page.pdf({ path: pdf, preferCSSPageSize: true });
  const sheets = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8" }).split("\f").filter((sheet) => sheet.trim());
  const plain = (text) => text.replace(/\s+/g, " ").trim();
  const found = titles.filter((title) => plain(sheets.join(" ")).includes(title.split(" ").slice(0, 3).join(" ")));
  const last = sheets.map((sheet) => plain(sheet.trim().split("\n").at(-1)));
  const alone = last.flatMap((line, i) => (titles.some((title) => title.endsWith(line)) ? [`page ${i + 1} ends with: ${line}`] : []));
  const lost = titles.filter((title) => !found.includes(title)).map((title) => `not on paper: ${title}`);
  report("paper", `${sheets.length} sheets with ${titles.length} headings, none at a sheet's end`, [...alone, ...lost]);
  await page.close();
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
const folder = mkdtempSync(join(tmpdir(), "page-"));
try {
  for (const path of reports) {
    console.log(path);
    const said = [];
    for (const width of WIDTHS) for (const scheme of SCHEMES) await checkWindow(browser, path, width, scheme, said);
    await checkPaper(browser, path, folder, said);
    report("all", "console messages, errors and requests", said);
  }
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
console.log(`${counts.passed} passed, ${counts.failed} failed, ${reports.length} pages`);
process.exit(counts.failed || !reports.length ? 1 : 0);
