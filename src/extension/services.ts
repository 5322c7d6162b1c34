/** What the parts of the extension share. `main.ts` makes it once; every other file gets what it needs from here. */
import type * as vscode from 'vscode';
import type { RunIndex } from '../store/run-index';
import type { Jobs } from './jobs';

export interface Services {
  readonly context: vscode.ExtensionContext;
  /** All runs of the runs folder, kept up to date while anybody (this window, a terminal, a cluster) writes them. */
  readonly runs: RunIndex;
  /** Starts and stops jobs, and knows which wait. */
  readonly jobs: Jobs;
  readonly log: vscode.LogOutputChannel;
  /** What is selected in the tree of runs, as its items are given to commands; nothing while it is out of sight. */
  readonly selection: () => readonly unknown[];
}
