/** What every view is given, and what it has to be. */
import type { Connection } from './connection';
import type { Loader, Notice } from './loader';
import type { Ask, PanelRun } from './protocol';
import { trains } from './run-names';
import type { UiStore } from './ui-state';

export interface Panel {
  readonly connection: Connection;
  readonly state: UiStore;
  /** False in a restricted workspace: nothing can be started. */
  readonly trusted: boolean;
  /** Of the list, in the order of choosing: the order of colours. */
  selected(): readonly PanelRun[];
  all(): readonly PanelRun[];
  /** A wish whose answer nobody waits for; a failure is told in the status line. */
  perform(ask: Ask): void;
  /** A line at the foot of the page, read aloud. */
  tell(text: string): void;
}

export interface View {
  readonly element: HTMLElement;
  /** It has come into sight, or the chosen runs are others. */
  show(): void;
  /** Something behind the chosen runs has changed. */
  refresh(): void;
  retheme(): void;
  /** It is out of sight now: stop moving. */
  hide?(): void;
}

export const UNTRUSTED = 'This folder is not trusted: runs can be looked at, nothing is started. Trust the workspace first.';

/** The first of the chosen runs that samples can be drawn from; null: the command asks for one. */
export const chosenModel = (panel: Panel): string | null => panel.selected().find((run) => trains(run) && run.state === 'done')?.id ?? null;

/** The ids of the chosen runs, which a view asks about; undefined where there are none, and the view says so. */
export function chosenRuns(panel: Panel, loader: Loader): string[] | undefined {
  const nothing = nothingChosen(panel);
  if (nothing === null) return panel.selected().map((run) => run.id);
  loader.stop(nothing);
  return undefined;
}

/** Why there is nothing to see before any view has to say so; null: runs are chosen. */
function nothingChosen(panel: Panel): Notice | null {
  if (panel.all().length === 0) {
    return {
      title: 'No runs yet',
      text: 'Distil a model, and its losses, samples and scores appear here while it runs. Runs made by the command line show up as well.',
      actions: [{ title: 'Distill model', run: () => { panel.perform({ kind: 'command', command: 'distill', run: null }); }, disabled: panel.trusted ? null : UNTRUSTED }],
    };
  }
  return panel.selected().length === 0 ? { title: 'No run chosen', text: 'Choose one or more runs in the list.', actions: [] } : null;
}
