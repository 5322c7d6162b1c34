/** The list of runs: what is chosen, in which colour, how far it is; and stop or resume of the chosen ones. */
import { runStyle } from '../src/report/series';
import { button, iconButton } from './controls';
import { freshId, h } from './dom';
import { UNTRUSTED, type Panel } from './panel';
import type { PanelRun } from './protocol';
import { colourPlaces } from './run-names';

/** More are shown on request: a list of thousands is slow to make, and nobody reads it. */
const PAGE = 100;

export interface RunList {
  readonly element: HTMLElement;
  update(): void;
}

export function runList(panel: Panel, onSelect: (runs: readonly string[]) => void): RunList {
  const list = h('ul', { class: 'runs', 'aria-label': 'Runs' });
  const count = h('span', { class: 'count', role: 'status' });
  const id = freshId('filter');
  const filter = h('input', { type: 'search', id, placeholder: 'Filter runs', 'aria-label': 'Filter runs', autocomplete: 'off', spellcheck: 'false' });
  filter.value = panel.state.now.filter;
  let most = PAGE;
  filter.addEventListener('input', () => { panel.state.set({ filter: filter.value }); most = PAGE; update(); });
  const more = button('Show more', () => { most += PAGE; update(); });
  const clear = button('None', () => { onSelect([]); }, { appearance: 'icon', name: 'None: choose no run' });
  const allButton = button('All', () => { onSelect(matching().map((run) => run.id)); }, { appearance: 'icon', name: 'All: choose every run that matches the filter' });
  const summary = h('summary', {}, h('span', { class: 'summary-title' }, 'Runs'), count);
  const details = h('details', { class: 'run-list', open: true }, summary, h('div', { class: 'filter' }, filter, allButton, clear), list, h('div', { class: 'more' }, more));
  const element = h('nav', { 'aria-label': 'Choose runs' }, details);
  // In a narrow panel the pictures come first.
  if (innerWidth < 700) details.open = false;

  function matching(): PanelRun[] {
    const words = panel.state.now.filter.toLowerCase().split(/\s+/).filter(Boolean);
    return panel.all().filter((run) => {
      const text = `${run.name} ${run.kind} ${run.state} ${run.experiment ?? ''} ${run.id}`.toLowerCase();
      return words.every((word) => text.includes(word));
    });
  }

  function toggle(run: string, on: boolean): void {
    const chosen = panel.selected().map((one) => one.id);
    onSelect(on ? [...chosen, run] : chosen.filter((one) => one !== run));
  }

  const rows = new Map<string, Row>();
  function rowOf(run: PanelRun): Row {
    const row = rows.get(run.id) ?? makeRow(panel, run, toggle);
    rows.set(run.id, row);
    return row;
  }

  /** What is taken out of the page, if only to be put back, loses its focus and a click that has begun: rows that stay where they are are left alone. */
  function arrange(wanted: readonly HTMLElement[]): void {
    const there = new Set(wanted);
    const focused = document.hasFocus() ? document.activeElement : null;
    for (const [id, { element }] of rows) {
      if (there.has(element)) continue;
      element.remove();
      rows.delete(id);
    }
    wanted.forEach((element, i) => { if (list.children[i] !== element) list.insertBefore(element, list.children[i] ?? null); });
    // One that went up because it was chosen.
    if (focused instanceof HTMLElement && focused !== document.activeElement && list.contains(focused)) focused.focus();
  }

  function update(): void {
    const places = colourPlaces(panel.selected());
    const chosen = new Set(panel.selected().map((run) => run.id));
    const found = matching();
    const head = found.filter((run) => chosen.has(run.id));
    const chosenFirst = found.length > PAGE ? [...head, ...found.filter((run) => !chosen.has(run.id))] : found;
    const shown = chosenFirst.slice(0, Math.max(most, Math.min(head.length, PAGE)));
    const wanted = shown.map((run) => {
      const row = rowOf(run);
      row.show(run, chosen.has(run.id), places.get(run.id) ?? null);
      return row.element;
    });
    arrange(wanted);
    const total = panel.all().length;
    count.textContent = `${chosen.size} of ${total} chosen${found.length < total ? `, ${found.length} match` : ''}`;
    more.parentElement!.hidden = shown.length >= found.length;
    more.replaceChildren(`Show ${Math.min(PAGE, found.length - shown.length)} more of ${found.length}`);
  }

  return { element, update };
}

interface Row {
  readonly element: HTMLElement;
  show(run: PanelRun, chosen: boolean, place: number | null): void;
}

/** A row stays the same element as long as its run is listed; of its parts only those change that say something else. */
function makeRow(panel: Panel, { id, engine, created }: PanelRun, toggle: (run: string, on: boolean) => void): Row {
  // The browser's own: hundreds of the toolkit's would take a second to make.
  const box = h('input', { type: 'checkbox', id: `run-${id}` });
  box.addEventListener('change', () => { toggle(id, box.checked); });
  const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  const title = h('span', { class: 'run-name' });
  const facts = h('span', { class: 'run-facts' });
  const label = h('label', { class: 'run-label' }, box, swatch, title, facts);
  const element = h('li', {}, label);
  element.title = `${id}\n${engine}, ${created.slice(0, 16).replace('T', ' ')} UTC`;
  let drawn = '';

  const show = (run: PanelRun, chosen: boolean, place: number | null): void => {
    const { name, kind, depth, state, error } = run;
    element.className = `run state-${state}`;
    box.checked = chosen;
    swatch.style.borderTop = place === null ? '' : borderOf(place);
    setText(title, name);
    setText(facts, [state === 'done' ? '' : stateText(run), kind, depth === null ? '' : `depth ${depth}`].filter(Boolean).join(' · '));
    const key = JSON.stringify(chosen ? [name, state, error, panel.trusted] : null);
    if (key === drawn) return;
    drawn = key;
    // A page that lies behind must not take the focus back from the editor.
    const focused = document.hasFocus() && element.contains(document.activeElement) && document.activeElement !== box;
    while (element.lastChild !== label) element.lastChild!.remove();
    element.append(...(chosen ? below(panel, run) : []));
    if (focused) requestAnimationFrame(() => { (element.querySelector<HTMLElement>('.run-actions vscode-button') ?? box).focus(); });
  };
  return { element, show };
}

function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

function borderOf(place: number): string {
  const { colour, dash } = runStyle(place);
  return `3px ${dash === null ? 'solid' : dash.startsWith('2') ? 'dotted' : 'dashed'} ${colour}`;
}

/** What stands under the name of a chosen run: its buttons, and what went wrong. */
function below(panel: Panel, run: PanelRun): HTMLElement[] {
  const { error } = run;
  return [
    actions(panel, run),
    ...(error === null ? [] : [h('p', { class: 'run-error' }, `${error.message} (${error.code})`)]),
    ...(error === null || error.lines.length === 0 ? [] : [h('details', { class: 'last-lines' }, h('summary', {}, 'Its last lines'), h('pre', {}, error.lines.join('\n')))]),
  ];
}

function stateText({ state, step, steps }: PanelRun): string {
  const share = steps > 0 ? `${Math.floor((100 * step) / steps)} %` : '';
  return state === 'running' || state === 'paused' || state === 'stopped' ? `${state} ${share}`.trim() : state;
}

const WISH_TITLES = { stop: 'Stop', pause: 'Pause', resume: 'Resume' } as const;
/** What a run in a state can be asked. */
const WISHES: Partial<Record<PanelRun['state'], readonly (keyof typeof WISH_TITLES)[]>> = {
  running: ['pause', 'stop'], queued: ['resume'], paused: ['resume', 'stop'], stopped: ['resume'], failed: ['resume'], lost: ['resume'],
};

function actions(panel: Panel, run: PanelRun): HTMLElement {
  const wishes = WISHES[run.state] ?? [];
  return h('div', { class: 'run-actions' },
    ...wishes.map((wish) => iconButton(wish, `${WISH_TITLES[wish]} ${run.name}`, () => { panel.perform({ kind: 'control', run: run.id, wish }); }, panel.trusted ? null : UNTRUSTED)),
    iconButton('open', `Open the folder of ${run.name}`, () => { panel.perform({ kind: 'open-run', run: run.id }); }));
}
