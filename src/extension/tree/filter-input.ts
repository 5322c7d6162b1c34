/** Asks which runs the tree is to show: words in the box, states in the list; the tree follows every keystroke. */
import * as vscode from 'vscode';
import type { RunState } from '../../store/run';
import { filterOf, STATES, type RunFilter } from './run-filter';

const TYPING_MS = 150;

interface StateItem extends vscode.QuickPickItem {
  readonly state: RunState;
}

/** @param count how many runs are in each state */
export function askFilter(before: RunFilter | undefined, count: (state: RunState) => number, apply: (filter: RunFilter | undefined) => void): void {
  const pick = vscode.window.createQuickPick<StateItem>();
  let timer: NodeJS.Timeout | undefined;
  let accepted = false;
  const wanted = (): RunFilter | undefined => filterOf(pick.value, pick.selectedItems.map(({ state }) => state));
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => { apply(wanted()); }, TYPING_MS);
  };
  pick.title = 'Filter runs';
  pick.placeholder = 'Words in the name, kind or engine; below, the states to show';
  pick.canSelectMany = true;
  // Typed words are for the runs' names, not for this list.
  pick.items = STATES.map((state) => ({ state, label: state, description: String(count(state)), alwaysShow: true }));
  pick.selectedItems = pick.items.filter(({ state }) => before === undefined || before.states.has(state));
  pick.value = before?.text ?? '';
  pick.onDidChangeValue(soon);
  pick.onDidChangeSelection(soon);
  pick.onDidAccept(() => {
    accepted = true;
    apply(wanted());
    pick.hide();
  });
  pick.onDidHide(() => {
    clearTimeout(timer);
    if (!accepted) apply(before);
    pick.dispose();
  });
  pick.show();
}
