/**
 * How fast the panel's page is in Chromium on made-up data, 1 000 runs of 100 000 points each: the first picture, and frames while zooming and panning.
 * Run: node test/bench/panel.mjs [chosen runs, 12 by default]
 */
import { chromium } from 'playwright-core';
import { buildFixture } from '../../.dev/page.mjs';

const chosen = Number(process.argv[2] ?? 12);
const ROUNDS = 5;
/** @param {number[]} values @param {number} q */
const quantile = (values, q) => [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(q * values.length))] ?? NaN;
/** @param {number[]} values */
const told = (values) => `median ${quantile(values, 0.5).toFixed(1)}, 95 % ${quantile(values, 0.95).toFixed(1)}, most ${Math.max(...values).toFixed(1)} ms (${values.length})`;

/** Notes the length of every frame and when a picture of losses first stands there. */
const WATCH = `
  window.frames = []; window.watching = false;
  let last = performance.now();
  const tick = (now) => { if (window.watching) window.frames.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  const drawn = setInterval(() => { const c = document.querySelector('.chart canvas'); if (c && c.offsetParent && c.width > 300) { window.drawnAt = performance.now(); clearInterval(drawn); } }, 4);
`;

const url = `file://${await buildFixture()}?runs=1000`;
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
/** @type {{ paint: number[], chart: number[], wheel: number[], pan: number[] }} */
const times = { paint: [], chart: [], wheel: [], pan: [] };
for (let round = 0; round < ROUNDS; round++) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  await page.addInitScript(WATCH);
  await page.goto(url);
  await page.waitForFunction('window.drawnAt !== undefined');
  times.paint.push(Number(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)));
  times.chart.push(Number(await page.evaluate('window.drawnAt')));
  if (chosen !== 12) {
    await page.evaluate(`sessionStorage.setItem('state', JSON.stringify({ ...JSON.parse(sessionStorage.getItem('state')), runs: [...document.querySelectorAll('.runs input')].map((box) => box.id.slice(4)) }))`);
    if (chosen > 100) await page.click('vscode-button[title^="All"]');
    else await page.reload();
    await page.waitForTimeout(4000);
  }
  const box = await page.locator('.chart canvas').boundingBox();
  if (box === null) throw new Error('no chart');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  /** @param {'wheel' | 'pan'} what @param {() => Promise<void>} act */
  const watch = async (what, act) => {
    await page.evaluate('window.frames = []; window.watching = true');
    await act();
    times[what].push(.../** @type {number[]} */ (await page.evaluate('window.watching = false, window.frames')));
  };
  await page.mouse.move(x, y);
  await page.keyboard.down('Control');
  await watch('wheel', async () => { for (let i = 0; i < 20; i++) { await page.mouse.wheel(0, i < 14 ? -60 : 60); await page.waitForTimeout(30); } });
  await page.keyboard.up('Control');
  await page.waitForTimeout(800);
  await page.mouse.down();
  await watch('pan', async () => { for (let i = 1; i <= 40; i++) { await page.mouse.move(x + 4 * i, y); await page.waitForTimeout(16); } });
  await page.mouse.up();
  await page.close();
}
await browser.close();
console.log(`1000 runs of 100 000 points, ${chosen} chosen, Chromium without a graphics card, ${ROUNDS} rounds`);
console.log(`first paint  ${told(times.paint)}`);
console.log(`first chart  ${told(times.chart)}`);
console.log(`zoom frames  ${told(times.wheel)}`);
console.log(`pan frames   ${told(times.pan)}`);
