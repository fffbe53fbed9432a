// npm install --no-save puppeteer-core@24.43.1 && node browsers.mjs ADDRESS chrome=PROGRAM firefox=PROGRAM webkit=PROGRAM
// Opens the page that `static` made in each browser, compares what their cards say of every example (classes, pixels, regions, confidences), and looks
// whether each drew it. WebKit is Safari's engine: MiniBrowser of Debian's webkit2gtk-driver, which needs a screen (`xvfb-run node browsers.mjs ...`).

import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import puppeteer from 'puppeteer-core';

const PORT = 4466,
  PATIENCE = 300; // times a fifth of a second

async function puppet(browser, executablePath) {
  const started = await puppeteer.launch({ browser, executablePath, args: browser === 'chrome' ? ['--no-sandbox'] : [] }),
    page = await started.newPage();
  page.on('pageerror', (error) => console.error(browser, error.message));
  return { version: await started.version(), goto: (url) => page.goto(url), evaluate: (script) => page.evaluate(script), close: () => started.close() };
}

async function webkit(binary) {
  const driver = spawn('WebKitWebDriver', [`--port=${PORT}`], { env: { ...process.env, WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1' } });
  await pause(2000);
  const ask = async (path, body) => {
    const answer = await fetch(`http://127.0.0.1:${PORT}/session${path}`, { method: body ? 'POST' : 'DELETE', body: body && JSON.stringify(body) }),
      { value } = await answer.json();
    if (!answer.ok) throw new Error(`WebKit: ${value.message}`);
    return value;
  };
  const wish = { 'webkitgtk:browserOptions': { binary, args: ['--automation'] } },
    { sessionId, capabilities } = await ask('', { capabilities: { alwaysMatch: wish } });
  return {
    version: `WebKitGTK/${capabilities.browserVersion}`,
    goto: (url) => ask(`/${sessionId}/url`, { url }),
    evaluate: (script) => ask(`/${sessionId}/execute/sync`, { script: `return ${script}`, args: [] }),
    close: () => ask(`/${sessionId}`).finally(() => driver.kill()),
  };
}

async function cards(address, browser) {
  const said = new Map(),
    run = (task, ...values) => browser.evaluate(`(${task})(...${JSON.stringify(values)})`);
  const until = async (...asked) => {
    for (let i = 0; i < PATIENCE; i++, await pause(200)) {
      const found = await run(...asked);
      if (found) return found;
    }
    throw new Error(`${browser.version}: waited in vain for ${asked}`);
  };
  const isReady = () => 'ready' in document.documentElement.dataset,
    values = (selector, name) => [...document.querySelectorAll(selector)].map((each) => each.dataset[name] ?? each.value),
    choose = (name) => document.querySelector(`#examples [data-example="${name}"]`).click();
  const drawnCard = (name) => {
    const card = document.querySelector(`#results > article[data-name="${name}.jpg"]`);
    if (!card) return null;
    const untouched = ({ offsetWidth, width, height }) => !offsetWidth || (width === 300 && height === 150), // as every canvas begins
      blank = [...card.querySelectorAll('canvas')].filter(untouched);
    return blank.length ? null : [...card.querySelectorAll('.legend li, table')].map((each) => each.textContent).join(' ');
  };
  await browser.goto(address);
  await until(isReady);
  for (const task of (await run(values, '#task input', 'none')).filter((each) => each !== 'auto')) {
    await browser.goto(`${address}?task=${task}`);
    await until(isReady);
    for (const name of await run(values, '#examples [data-example]', 'example')) {
      await run(choose, name);
      said.set(`${task}, ${name}`, await until(drawnCard, name));
    }
  }
  await browser.close();
  return said;
}

const [address, ...named] = process.argv.slice(2);
let first;
for (const [kind, program] of named.map((each) => each.split('='))) {
  const browser = await (kind === 'webkit' ? webkit(program) : puppet(kind, program)),
    said = await cards(address, browser);
  first ??= said;
  const different = [...first].filter(([name, text]) => text !== said.get(name)).map(([name]) => name);
  console.log(`${browser.version}: ${said.size} cards drawn, ${different.length} say something else than the first browser's ${different}`);
  if (!said.size || said.size !== first.size || different.length) process.exitCode = 1;
}
