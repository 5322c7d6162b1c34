/** The panel: one webview beside the editors, restored after a reload. Its code is loaded when it is first shown. */
import * as vscode from 'vscode';
import type { Tab } from '../../../webview/protocol';
import type { Services } from '../services';
import type { PanelWindow } from './panel-window';

const VIEW_TYPE = 'sigdeg.panel';
const TITLE = 'Distillation';

let services: Services | undefined;
let shown: PanelWindow | undefined;

export function registerPanel(given: Services): vscode.Disposable {
  services = given;
  const serializer = vscode.window.registerWebviewPanelSerializer(VIEW_TYPE, {
    async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
      const code = await import('./panel-window');
      shown?.panel.dispose();
      adopt(given, code, panel);
    },
  });
  return new vscode.Disposable(() => {
    serializer.dispose();
    services = undefined;
  });
}

/** Shows the panel, on these runs (none of them: as it was) or this tab where they are given. */
export async function openPanel(selection: readonly string[] = [], tab: Tab | null = null): Promise<void> {
  if (services === undefined) throw new Error('the panel is not registered yet');
  const given = services;
  const code = await import('./panel-window');
  const before = shown;
  const window = before ?? adopt(given, code, vscode.window.createWebviewPanel(VIEW_TYPE, TITLE, vscode.ViewColumn.Active, code.panelOptions(given)));
  before?.panel.reveal();
  if (selection.length > 0 || tab !== null) window.show({ type: 'show', runs: selection.length > 0 ? selection : null, tab });
}

/** Shows these runs where the panel is in sight; opens nothing and takes no focus. */
export function followPanel(selection: readonly string[]): void {
  if (shown?.panel.visible === true && selection.length > 0) shown.show({ type: 'show', runs: selection, tab: null });
}

function adopt(given: Services, code: typeof import('./panel-window'), panel: vscode.WebviewPanel): PanelWindow {
  const window = new code.PanelWindow(given, panel, () => {
    if (shown === window) shown = undefined;
  });
  shown = window;
  return window;
}
