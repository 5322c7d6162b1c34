/** The page: runs at the side, tabs with one view each. Views are made when they are first looked at, and asked again when their runs change. */
import { AskError, Connection } from './connection';
import { startControls } from './controls';
import { h } from './dom';
import type { Host } from './host';
import { newestExperiment } from './mirror';
import type { Panel, View } from './panel';
import { TABS, type Ask, type PanelRun, type Tab } from './protocol';
import { runList } from './run-list';
import { tabs } from './tabs';
import { onThemeChange } from './theme';
import { restoreState, UiStore } from './ui-state';
import { brownianView } from './views/brownian';
import { flowView } from './views/flow';
import { lossView } from './views/loss';
import { pathErrorView } from './views/path-error';
import { qualityView } from './views/quality';
import { samplesView } from './views/samples';

const VIEWS: Readonly<Record<Tab, { readonly title: string; make(panel: Panel): View }>> = {
  loss: { title: 'Loss', make: lossView },
  quality: { title: 'Quality', make: qualityView },
  samples: { title: 'Samples', make: samplesView },
  'path-error': { title: 'Path error', make: pathErrorView },
  flow: { title: 'Flow', make: flowView },
  brownian: { title: 'Brownian', make: brownianView },
};

/** Fills the page. Nothing is drawn before the host's first snapshot, but what it does not come in time is told. */
export function startPanel(root: HTMLElement, host: Host): void {
  startControls();
  const state = new UiStore(restoreState(host.getState()), (now) => { host.setState(now); });
  const views = new Map<Tab, View>();
  const status = h('p', { class: 'status', role: 'status' });
  let runs: readonly PanelRun[] = [];
  let byId = new Map<string, PanelRun>();
  let trusted = true;
  let current: Tab | undefined;

  const connection = new Connection(host, {
    onHello: (hello) => {
      const told = trusted !== hello.trusted;
      trusted = hello.trusted;
      list.update();
      // What a notice offers can be pressed now.
      if (told && current !== undefined) views.get(current)?.refresh();
    },
    onRuns: (mirror) => {
      const [before, idsBefore] = [signature(), chosenIds()];
      const first = root.dataset['ready'] === undefined;
      ({ runs } = mirror);
      byId = new Map(runs.map((run) => [run.id, run]));
      root.dataset['ready'] = '';
      // A newer experiment has taken the place of what nobody chose.
      if (!first && state.now.runs === null && !chosenIds().some((id) => idsBefore.includes(id))) state.showAll();
      list.update();
      if (first) tabbed.choose(state.now.tab);
      else if (current !== undefined && signature() !== before) views.get(current)?.refresh();
    },
    onShow: (show) => {
      if (show.runs !== null) select(show.runs);
      if (show.tab !== null) tabbed.choose(show.tab);
    },
  });

  const chosenIds = (): readonly string[] => state.now.runs ?? newestExperiment(runs);
  /** What the view shows depends on this alone. */
  const signature = (): string => JSON.stringify([runs.length === 0, panel.selected().map((run) => [run.id, run.revision])]);
  const panel: Panel = {
    connection, state,
    get trusted() { return trusted; },
    selected: () => chosenIds().flatMap((id) => byId.get(id) ?? []),
    all: () => runs,
    perform: (ask: Ask) => {
      connection.ask(ask, { patience: Infinity }).catch((error: unknown) => { panel.tell(error instanceof AskError ? `${error.message} (${error.code})` : String(error)); });
    },
    tell: (text) => { status.textContent = text; },
  };

  function select(ids: readonly string[]): void {
    const before = chosenIds();
    state.set({ runs: [...new Set(ids)] });
    if (JSON.stringify(chosenIds()) !== JSON.stringify(before)) state.showAll();
    connection.select(chosenIds());
    list.update();
    if (current) views.get(current)?.show();
  }

  const list = runList(panel, select);
  const tabbed = tabs(Object.fromEntries(TABS.map((tab) => [tab, VIEWS[tab].title])) as Record<Tab, string>, (tab) => {
    if (current !== undefined && current !== tab) views.get(current)?.hide?.();
    current = tab;
    state.set({ tab });
    if (root.dataset['ready'] === undefined) return;
    let view = views.get(tab);
    if (view === undefined) {
      view = VIEWS[tab].make(panel);
      views.set(tab, view);
      tabbed.panels[TABS.indexOf(tab)]!.append(view.element);
    }
    view.show();
  });

  root.replaceChildren(h('div', { class: 'layout' }, list.element, h('div', { class: 'content' }, h('h1', { class: 'unseen' }, 'Sig-DEG panel'), tabbed.list, ...tabbed.panels)), status);
  tabbed.choose(state.now.tab);
  onThemeChange(() => { for (const view of views.values()) view.retheme(); });
  connection.start(state.now.runs ?? [], state.now.tab);
  setTimeout(() => { if (root.dataset['ready'] === undefined) panel.tell('The extension has not answered yet. If this stays, close the panel and open it again.'); }, 5000);
}
