// npm install --no-save puppeteer-core@24.43.1 && node browsers.mjs ADDRESS FIREFOX CHROMIUM
// Opens the page that `static` made in both browsers and compares what their cards say of every example: classes, pixels, regions, confidences.

import puppeteer from 'puppeteer-core';

const [address, firefox, chromium] = process.argv.slice(2),
  kinds = [
    { browser: 'firefox', executablePath: firefox },
    { browser: 'chrome', executablePath: chromium, args: ['--no-sandbox'] },
  ];

async function cards(kind) {
  const browser = await puppeteer.launch(kind),
    page = await browser.newPage(),
    said = new Map();
  page.on('pageerror', (error) => console.error(kind.browser, error.message));
  await page.goto(address);
  const tasks = await page.$$eval('#task input', (all) => all.map((each) => each.value));
  for (const task of tasks.filter((each) => each !== 'auto')) {
    await page.goto(`${address}?task=${task}`);
    await page.waitForSelector('html[data-ready]');
    for (const name of await page.$$eval('#examples [data-example]', (all) => all.map((each) => each.dataset.example))) {
      await page.click(`#examples [data-example="${name}"]`);
      const card = await page.waitForSelector(`#results > article[data-name="${name}.jpg"]`);
      said.set(`${task}, ${name}`, await card.$$eval('.legend li, table', (all) => all.map((each) => each.textContent).join(' ')));
    }
  }
  const version = await browser.version();
  await browser.close();
  return [version, said];
}

const [[one, ours], [other, theirs]] = [await cards(kinds[0]), await cards(kinds[1])],
  different = [...ours].filter(([name, text]) => text !== theirs.get(name)).map(([name]) => name);
console.log(`${one} and ${other}: ${ours.size} cards, ${different.length} different ${different}`);
process.exit(ours.size && ours.size === theirs.size && !different.length ? 0 : 1);
