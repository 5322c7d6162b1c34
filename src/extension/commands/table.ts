/** All commands by id. Each loads its code when it is called for the first time. */
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import { Cancelled, failureText, showFailure } from '../failure';
import type { Services } from '../services';

type Command = (services: Services, args: readonly unknown[]) => unknown;

/** The title that failures begin with, and the command. */
const COMMANDS: Record<string, readonly [title: string, run: Command]> = {
  'sigdeg.distillModel': ['Distill model', async (s, args) => (await import('./distill')).distillModel(s, args)],
  'sigdeg.newExperiment': ['New experiment', async (s) => (await import('./experiments')).newExperiment(s)],
  'sigdeg.clone': ['Clone', async (s, args) => (await import('./experiments')).clone(s, args)],
  'sigdeg.openConfig': ['Open config', async (s, args) => (await import('./experiments')).openConfig(s, args)],
  'sigdeg.sample': ['Sample', async (s, args) => (await import('./measure')).sample(s, args)],
  'sigdeg.evaluate': ['Evaluate', async (s, args) => (await import('./measure')).evaluate(s, args)],
  'sigdeg.compare': ['Compare', async (s, args) => (await import('./compare')).compare(s, args)],
  'sigdeg.openPanel': ['Open panel', async (s, args) => (await import('./compare')).showPanel(s, args)],
  'sigdeg.stop': ['Stop', async (s, args) => (await import('./control')).stop(s, args)],
  'sigdeg.pause': ['Pause', async (s, args) => (await import('./control')).pause(s, args)],
  'sigdeg.resume': ['Resume', async (s, args) => (await import('./control')).resume(s, args)],
  'sigdeg.delete': ['Delete', async (s, args) => (await import('./control')).remove(s, args)],
  'sigdeg.revealFolder': ['Reveal run folder', async (s, args) => (await import('./export')).revealFolder(s, args)],
  'sigdeg.export': ['Export', async (s, args) => (await import('./export')).exportRuns(s, args)],
  'sigdeg.installEngine': ['Install native engine', async (s) => (await import('./engine')).installEngine(s)],
  'sigdeg.installWebgpuEngine': ['Install WebGPU engine', async (s) => (await import('./engine')).installWebgpuEngine(s)],
  'sigdeg.openLog': ['Open log', (s) => { s.log.show(); }],
  'sigdeg.refresh': ['Refresh', (s) => { s.runs.refresh(); }],
};

/** What starts a process. In a folder that is not trusted they refuse before they ask anything. */
const STARTING = new Set(['sigdeg.distillModel', 'sigdeg.sample', 'sigdeg.evaluate', 'sigdeg.resume', 'sigdeg.installEngine']);

export function registerCommands(services: Services): void {
  for (const [id, [title, run]] of Object.entries(COMMANDS)) {
    const call = async (...args: unknown[]): Promise<void> => {
      try {
        if (STARTING.has(id) && !vscode.workspace.isTrusted) throw new SigdegError('NO_ACCESS', 'this folder is not trusted, so nothing is started from it: trust it first');
        await run(services, args);
      } catch (error) {
        if (error instanceof Cancelled) return;
        services.log.error(`${title}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        // Not waited for: the command is over, the message stays.
        void showFailure(services, title, failureText(error));
      }
    };
    services.context.subscriptions.push(vscode.commands.registerCommand(id, call));
  }
}
