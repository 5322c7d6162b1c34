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

  const items = new Map<string, { readonly key: string; readonly element: HTMLElement }>();
  function item(run: PanelRun, chosen: boolean, place: number | null): HTMLElement {
    // A row is made anew only when it looks different, so that focus and the pointer stay where they are.
    const key = JSON.stringify([run.name, run.kind, run.depth, run.state, run.step, run.steps, run.error, chosen, place, panel.trusted]);
    const old = items.get(run.id);
    if (old?.key === key) return old.element;
    // A page that lies behind must not take the focus back from the editor.
    const focused = document.hasFocus() && document.activeElement?.id === `run-${run.id}`;
    const made = row(panel, run, chosen, place, toggle);
    items.set(run.id, { key, element: made });
    if (focused) requestAnimationFrame(() => document.getElementById(`run-${run.id}`)?.focus());
    return made;
  }

  function update(): void {
    const places = colourPlaces(panel.selected());
    const chosen = new Set(panel.selected().map((run) => run.id));
    const found = matching();
    const head = found.filter((run) => chosen.has(run.id));
    const chosenFirst = found.length > PAGE ? [...head, ...found.filter((run) => !chosen.has(run.id))] : found;
    const shown = chosenFirst.slice(0, Math.max(most, Math.min(head.length, PAGE)));
    const wanted = shown.map((run) => item(run, chosen.has(run.id), places.get(run.id) ?? null));
    if (wanted.length !== list.children.length || wanted.some((element, i) => list.children[i] !== element)) list.replaceChildren(...wanted);
    const total = panel.all().length;
    count.textContent = `${chosen.size} of ${total} chosen${found.length < total ? `, ${found.length} match` : ''}`;
    more.parentElement!.hidden = shown.length >= found.length;
    more.replaceChildren(`Show ${Math.min(PAGE, found.length - shown.length)} more of ${found.length}`);
  }

  return { element, update };
}

function row(panel: Panel, run: PanelRun, chosen: boolean, place: number | null, toggle: (run: string, on: boolean) => void): HTMLElement {
  // The browser's own: hundreds of the toolkit's would take a second to make.
  const box = h('input', { type: 'checkbox', id: `run-${run.id}` });
  box.checked = chosen;
  box.addEventListener('change', () => { toggle(run.id, box.checked); });
  const swatch = h('span', { class: 'swatch', 'aria-hidden': 'true' });
  if (place !== null) {
    const { colour, dash } = runStyle(place);
    swatch.style.borderTop = `3px ${dash === null ? 'solid' : dash.startsWith('2') ? 'dotted' : 'dashed'} ${colour}`;
  }
  const facts = [run.state === 'done' ? '' : stateText(run), run.kind, run.depth === null ? '' : `depth ${run.depth}`].filter(Boolean).join(' · ');
  const element = h('li', { class: `run state-${run.state}` },
    h('label', { class: 'run-label' }, box, swatch, h('span', { class: 'run-name' }, run.name), h('span', { class: 'run-facts' }, facts)),
    chosen ? actions(panel, run) : null,
    run.error && chosen ? h('p', { class: 'run-error' }, `${run.error.message} (${run.error.code})`) : null,
    run.error && chosen && run.error.lines.length > 0 ? h('details', { class: 'last-lines' }, h('summary', {}, 'Its last lines'), h('pre', {}, run.error.lines.join('\n'))) : null);
  element.title = `${run.id}\n${run.engine}, ${run.created.slice(0, 16).replace('T', ' ')} UTC`;
  return element;
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
