/**
 * A whole evaluation as ONE page that needs nothing else: no network, no script. Every text is escaped, and the page's own policy would not let anything
 * load or run even if it were not.
 */
import { short } from '../core/number-text';
import { comparisonLines, contestantTitle, floorOf, metricTitle, primaryMetric, settingLines, settingTitle, type ComparisonLine } from './comparison';
import { headlines } from './headline';
import type { ReportInput } from './input';
import { reportPictures, type ReportPicture } from './report-pictures';
import { floorColumn } from './score';
import { el, escapeText } from './svg';
import { PAGE, themeCss } from './theme';

/** Where the settings were searched on fewer samples. */
function searched(rows: ReportInput['rows']): string {
  const found = rows.find(({ search }) => search === true);
  return found === undefined ? '' : `; those that were searched have ${found.n} samples of one seed`;
}

const STYLE = `${themeCss}
body{margin:0 auto;max-width:1040px;padding:16px;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.5rem;margin:.2em 0}h2{font-size:1.15rem;margin:1.6em 0 .4em;border-bottom:1px solid var(--grid)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 12px;margin:.8em 0}dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.pictures{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(100%,440px),1fr));gap:16px}
figure{margin:0}figure svg{max-width:100%;height:auto;display:block}figcaption,.note{color:var(--muted);font-size:.87rem}
.wide{grid-column:1/-1}.panels{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));gap:10px}.panels svg{width:100%}
.table{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}
th,td{padding:3px 10px;text-align:right;white-space:nowrap;border-bottom:1px solid var(--grid)}th:first-child,td:first-child,th:last-child,td:last-child{text-align:left}
tr.student td{font-weight:600}summary{cursor:pointer;margin:1em 0 .4em}
@media(max-width:480px){body{padding:10px}dl{grid-template-columns:1fr}dt{margin-top:6px}}`;

/** The page. The same input gives the same bytes. */
export function htmlReport(input: ReportInput): string {
  const { title, facts, rows } = input;
  const metric = primaryMetric(rows);
  const pictures = reportPictures(input);
  const sections = [...new Set(pictures.map(({ section }) => section))];
  const all = settingLines(rows, metric);
  const best = comparisonLines(rows, metric);
  const body = [
    el('h1', {}, escapeText(title)),
    ...headlines(rows).map((sentence) => el('p', {}, escapeText(sentence))),
    el('dl', {}, ...facts.map(([name, value]) => el('dt', {}, escapeText(name)) + el('dd', {}, escapeText(value)))),
    ...sections.map((section) => el('h2', {}, section) + el('div', { class: 'pictures' }, ...pictures.filter((p) => p.section === section).map(figure))),
    el('h2', {}, 'Comparison'),
    el('p', { class: 'note' }, escapeText(howToRead(rows, metric))),
    comparisonMarkup(best, metric),
    ...(all.length > best.length ? [el('details', {}, el('summary', {}, escapeText(`All ${all.length} settings that were tried${searched(rows)}`)), comparisonMarkup(all, metric))] : []),
  ];
  const head = [
    el('meta', { charset: 'utf-8' }), el('meta', { name: 'viewport', content: 'width=device-width,initial-scale=1' }),
    el('meta', { 'http-equiv': 'Content-Security-Policy', content: "default-src 'none'; img-src data:; style-src 'unsafe-inline'" }),
    el('title', {}, escapeText(`${title}: Sig-DEG report`)), el('style', {}, STYLE),
  ];
  return `<!doctype html>\n${el('html', { lang: 'en' }, el('head', {}, ...head), el('body', {}, ...body))}\n`;
}

function figure({ name, caption, draw, panels }: ReportPicture): string {
  const drawing = panels === undefined ? draw(PAGE) : el('div', { class: 'panels' }, ...panels(PAGE));
  return el('figure', { class: name === 'samples' ? 'wide' : null }, drawing, el('figcaption', {}, escapeText(caption)));
}

function howToRead(rows: ReportInput['rows'], metric: string): string {
  const floor = floorOf(rows, metric);
  const { label, better, scale } = metricTitle(metric);
  const range = floor && `${short(floor.median)} (${short(floor.min)} to ${short(floor.max)})`;
  const floorText = range === null ? ''
    : better === 'lower' ? ` The noise floor, the teacher against itself under other seeds, is ${range}: a value within it is as good as the teacher.`
      : ` Higher is better; the teacher against itself under other seeds has ${range}: a value within this range is as good as the teacher.`;
  const sign = scale === 'estimate' ? ' It is estimated without bias: for samples of one law it is about 0, and may be negative.' : '';
  return `${label} to the teacher's own samples, median and range over the seeds; each solver at the best of the grids and settings that were tried.${floorText}${sign} The path RMSE compares item by item on the same Brownian path; solvers of the ODE follow no path. Times are of the sampling alone.`;
}

function comparisonMarkup(lines: readonly ComparisonLine[], metric: string): string {
  const cell = (tag: 'th' | 'td') => (content: string): string => el(tag, tag === 'th' ? { scope: 'col' } : {}, escapeText(content));
  const floor = floorColumn(metricTitle(metric), (ratio) => ratio.toFixed(2));
  const heads = ['Sampler', 'NFE', metricTitle(metric).short, 'range', floor.head, 'path RMSE', 'time', 'setting'];
  // Students that differ in their start or net only are told apart by their run.
  const hasTwin = (line: ComparisonLine): boolean => lines.some((other) => other !== line && other.run !== line.run && other.nfe === line.nfe && contestantTitle(other) === contestantTitle(line));
  const body = lines.map((line) => el('tr', { class: line.depth === null ? null : 'student' }, ...[
    contestantTitle(line), String(line.nfe),
    line.value === null ? '–' : short(line.value.median),
    line.value === null ? '–' : `${short(line.value.min)} – ${short(line.value.max)}`,
    floor.cell(line) ?? '–',
    line.rmse === null ? '–' : short(line.rmse.median),
    `${short(line.seconds)} s`, hasTwin(line) ? `${settingTitle(line)} (${line.run})` : settingTitle(line),
  ].map(cell('td'))));
  return el('div', { class: 'table' }, el('table', {}, el('thead', {}, el('tr', {}, ...heads.map(cell('th')))), el('tbody', {}, ...body)));
}
