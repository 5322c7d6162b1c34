/**
 * How fast the panel's page is in Chromium on made-up data, 1 000 runs of 100 000 points each: the first picture, then zooming and panning. Told are the times
 * between frames, as a user sees them, and the processor time of the page's own work for each, which a busy machine does not change.
 * Run: node test/bench/panel.mjs [--all] [--rounds N] [--json]    --all: every run is chosen, not the newest experiment alone
 */
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { buildFixture } from '../../.dev/page.mjs';

const { values: { all, json, rounds } } = parseArgs({ options: { all: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, rounds: { type: 'string', default: '5' } } });
const ROUNDS = Number(rounds);
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

/** @typedef {{ name: string, pid: number, tid: number, ts: number, dur?: number, tdur?: number, args: { name?: string, data?: { type?: string } } }} TraceEvent */

/** Processor time in ms of the tasks of the page's main thread that drew after an input. @param {Buffer} trace @returns {number[]} */
function work(trace) {
  /** @type {unknown} */
  const parsed = JSON.parse(trace.toString());
  const { traceEvents: events } = /** @type {{ traceEvents: TraceEvent[] }} */ (parsed);
  const main = new Set(events.filter((event) => event.name === 'thread_name' && event.args.name === 'CrRendererMain').map((event) => `${event.pid}:${event.tid}`));
  const ours = events.filter((event) => main.has(`${event.pid}:${event.tid}`));
  const inputs = ours.filter((event) => event.name === 'EventDispatch' && ['wheel', 'pointermove'].includes(event.args.data?.type ?? '')).map((event) => event.ts);
  return ours.filter((event) => event.name === 'RunTask' && inputs.some((ts) => ts >= event.ts && ts <= event.ts + (event.dur ?? 0))).map((event) => (event.tdur ?? NaN) / 1000);
}

const url = `file://${await buildFixture()}?runs=1000`;
const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium', args: ['--no-sandbox'] });
/** @type {Record<'paint' | 'chart' | 'zoom' | 'pan' | 'zoomWork' | 'panWork', number[]>} */
const times = { paint: [], chart: [], zoom: [], pan: [], zoomWork: [], panWork: [] };
for (let round = 0; round < ROUNDS; round++) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 760 } });
  await page.addInitScript(WATCH);
  await page.goto(url);
  await page.waitForFunction('window.drawnAt !== undefined');
  times.paint.push(Number(await page.evaluate(`performance.getEntriesByName('first-contentful-paint')[0].startTime`)));
  times.chart.push(Number(await page.evaluate('window.drawnAt')));
  if (all) {
    await page.click('vscode-button[title^="All"]');
    await page.waitForFunction(`document.querySelector('.note:not([hidden])')?.textContent.includes('Averages only')`);
  }
  await page.waitForTimeout(500);
  const box = await page.locator('.chart canvas').boundingBox();
  if (box === null) throw new Error('no chart');
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 3];
  /** @param {'zoom' | 'pan'} what @param {() => Promise<void>} act */
  const watch = async (what, act) => {
    await browser.startTracing(page, { categories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] });
    await page.evaluate('window.frames = []; window.watching = true');
    await act();
    times[what].push(.../** @type {number[]} */ (await page.evaluate('window.watching = false, window.frames')));
    times[`${what}Work`].push(...work(await browser.stopTracing()));
  };
  await page.mouse.move(x, y);
  await page.keyboard.down('Control');
  await watch('zoom', async () => { for (let i = 0; i < 20; i++) { await page.mouse.wheel(0, i < 14 ? -60 : 60); await page.waitForTimeout(30); } });
  await page.keyboard.up('Control');
  await page.waitForTimeout(800);
  await page.mouse.down();
  await watch('pan', async () => { for (let i = 1; i <= 40; i++) { await page.mouse.move(x + 4 * i, y); await page.waitForTimeout(16); } });
  await page.mouse.up();
  await page.close();
}
await browser.close();
if (json) {
  console.log(JSON.stringify(Object.fromEntries(Object.entries(times).map(([name, values]) => [name, { median: quantile(values, 0.5), most: Math.max(...values), n: values.length }]))));
} else {
  console.log(`1000 runs of 100 000 points, ${all ? 'all' : 'the newest 12'} chosen, Chromium without a graphics card, ${ROUNDS} rounds`);
  for (const [title, values] of [['first paint', times.paint], ['first chart', times.chart], ['zoom frames', times.zoom], ['     work', times.zoomWork], ['pan frames', times.pan], ['     work', times.panWork]]) console.log(`${/** @type {string} */ (title).padEnd(12)} ${told(/** @type {number[]} */ (values))}`);
}
