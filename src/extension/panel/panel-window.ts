/** The panel's webview while it is open: messages in, answers and changes of the runs out. */
import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs';
import * as vscode from 'vscode';
import type { Wish } from '../../store/control';
import { VERSION } from '../../version';
import { PROTOCOL, type HostMessage, type PanelCommand } from '../../../webview/protocol';
import type { Services } from '../services';
import { PanelAnswers } from './answers';
import { pageHtml } from './page-html';
import { pageMessage, requestId } from './page-message';
import { RunFeed } from './run-feed';
import { saveExport } from './save-export';

const COMMANDS: Readonly<Record<PanelCommand, string>> = {
  distill: 'sigdeg.distillModel', evaluate: 'sigdeg.evaluate', sample: 'sigdeg.sample', 'new-experiment': 'sigdeg.newExperiment', 'open-log': 'sigdeg.openLog',
};
const CONTROLS: Readonly<Record<Wish, string>> = { stop: 'sigdeg.stop', pause: 'sigdeg.pause', resume: 'sigdeg.resume' };

const distOf = ({ context }: Services): vscode.Uri => vscode.Uri.joinPath(context.extensionUri, 'dist');

/** The page gets its script and its looks from `dist` and nothing else: pictures come as pixels, in messages. */
export const panelOptions = (given: Services): vscode.WebviewPanelOptions & vscode.WebviewOptions => ({
  enableScripts: true,
  enableForms: false,
  enableCommandUris: false,
  retainContextWhenHidden: false,
  localResourceRoots: [distOf(given)],
});

export class PanelWindow {
  private readonly feed: RunFeed;
  private readonly answers: PanelAnswers;
  private readonly cancelled = new Set<number>();
  private ready = false;
  /** Counts the pages, each of which counts its questions from 1. */
  private page = 0;
  /** What shall be shown once the page listens. */
  private waiting: HostMessage | undefined;

  constructor(private readonly given: Services, readonly panel: vscode.WebviewPanel, onClose: () => void) {
    this.feed = new RunFeed(given.runs, (message) => { this.post(message); });
    this.answers = new PanelAnswers(given.runs, {
      save: saveExport,
      reveal: (run) => execute('sigdeg.revealFolder', run),
      control: (run, wish) => execute(CONTROLS[wish], run),
      command: (command, run) => execute(COMMANDS[command], run),
    }, (error) => { given.log.error(error instanceof Error ? error : String(error)); });
    const subscriptions = [
      panel.webview.onDidReceiveMessage((message: unknown) => { this.receive(message); }),
      panel.onDidChangeViewState(() => {
        // A hidden page is thrown away; the new one says `ready` again.
        if (!panel.visible) this.ready = false;
        this.feed.setVisible(panel.visible);
      }),
      vscode.workspace.onDidGrantWorkspaceTrust(() => { this.hello(); }),
    ];
    panel.onDidDispose(() => {
      this.feed.dispose();
      vscode.Disposable.from(...subscriptions).dispose();
      onClose();
    });
    // A restored panel comes with the options of the session before.
    panel.webview.options = panelOptions(given);
    const icon = (theme: string): vscode.Uri => vscode.Uri.joinPath(given.context.extensionUri, 'media', `panel-${theme}.svg`);
    panel.iconPath = { light: icon('light'), dark: icon('dark') };
    panel.webview.html = this.html();
  }

  show(message: Extract<HostMessage, { type: 'show' }>): void {
    if (this.ready) this.post(message);
    else this.waiting = message;
  }

  private html(): string {
    const { webview } = this.panel;
    const url = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(distOf(this.given), name)).toString();
    const styled = fs.existsSync(vscode.Uri.joinPath(distOf(this.given), 'panel.css').fsPath);
    return pageHtml({ script: url('panel.js'), style: styled ? url('panel.css') : null, cspSource: webview.cspSource, nonce: randomBytes(24).toString('base64url') });
  }

  private post(message: HostMessage): void {
    void this.panel.webview.postMessage(message);
  }

  private hello(): void {
    this.post({ type: 'hello', protocol: PROTOCOL, version: VERSION, trusted: vscode.workspace.isTrusted, runsDir: this.given.runs.runsDir });
  }

  private receive(raw: unknown): void {
    const message = pageMessage(raw);
    if (message === undefined) {
      const id = requestId(raw);
      if (id !== undefined) this.post({ type: 'reply', id, ok: false, error: { code: 'BAD_USAGE', message: 'the page asked for something that this version does not know: reload the window', action: null } });
      return;
    }
    switch (message.type) {
      case 'ready':
        // A page that was hidden has been made anew and asks again.
        this.ready = true;
        this.page++;
        this.cancelled.clear();
        this.hello();
        this.feed.snapshot();
        if (this.waiting) this.post(this.waiting);
        this.waiting = undefined;
        return;
      case 'resync':
        this.feed.snapshot();
        return;
      case 'select':
        return;
      case 'cancel':
        this.cancelled.add(message.id);
        return;
      case 'request': {
        const { page } = this;
        void this.answers.reply(message.id, message.ask).then((reply) => { if (page === this.page && !this.cancelled.delete(message.id)) this.post(reply); });
        return;
      }
    }
  }
}

async function execute(command: string, run: string | null): Promise<void> {
  await vscode.commands.executeCommand(command, ...(run === null ? [] : [{ runId: run }]));
}
