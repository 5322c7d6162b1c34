/** All commands by id. Each loads its code when it is called for the first time. */
import * as vscode from 'vscode';
import { Cancelled, failureText, showFailure } from '../failure';
import type { Services } from '../services';
import { untrusted } from '../untrusted';

type Command = (services: Services, args: readonly unknown[]) => unknown;

interface CommandInfo {
  /** What failures begin with. */
  readonly title: string;
  /** Whether it starts a process: then it refuses in a folder that is not trusted, before it asks anything. */
  readonly starts: boolean;
  readonly run: Command;
}

const COMMANDS: Readonly<Record<string, CommandInfo>> = {
  'sigdeg.distillModel': { title: 'Distill model', starts: true, run: async (s, args) => (await import('./distill')).distillModel(s, args) },
  'sigdeg.importModel': { title: 'Import model', starts: true, run: async (s, args) => (await import('./import-model')).importModel(s, args) },
  'sigdeg.newExperiment': { title: 'New experiment', starts: false, run: async (s) => (await import('./experiments')).newExperiment(s) },
  'sigdeg.addReadyModel': { title: 'Add ready model', starts: false, run: async (s) => (await import('./ready-models')).addReady(s) },
  'sigdeg.clone': { title: 'Clone', starts: false, run: async (s, args) => (await import('./experiments')).clone(s, args) },
  'sigdeg.openConfig': { title: 'Open config', starts: false, run: async (s, args) => (await import('./experiments')).openConfig(s, args) },
  'sigdeg.sample': { title: 'Sample', starts: true, run: async (s, args) => (await import('./measure')).sample(s, args) },
  'sigdeg.evaluate': { title: 'Evaluate', starts: true, run: async (s, args) => (await import('./measure')).evaluate(s, args) },
  'sigdeg.compare': { title: 'Compare', starts: false, run: async (s, args) => (await import('./compare')).compare(s, args) },
  'sigdeg.openPanel': { title: 'Open panel', starts: false, run: async (s, args) => (await import('./compare')).showPanel(s, args) },
  'sigdeg.stop': { title: 'Stop', starts: false, run: async (s, args) => (await import('./control')).stop(s, args) },
  'sigdeg.pause': { title: 'Pause', starts: false, run: async (s, args) => (await import('./control')).pause(s, args) },
  'sigdeg.resume': { title: 'Resume', starts: true, run: async (s, args) => (await import('./control')).resume(s, args) },
  'sigdeg.delete': { title: 'Delete', starts: false, run: async (s, args) => (await import('./control')).remove(s, args) },
  'sigdeg.revealFolder': { title: 'Reveal run folder', starts: false, run: async (s, args) => (await import('./export')).revealFolder(s, args) },
  'sigdeg.export': { title: 'Export', starts: false, run: async (s, args) => (await import('./export')).exportRuns(s, args) },
  'sigdeg.exportModel': { title: 'Export model', starts: true, run: async (s, args) => (await import('./export-model')).exportModel(s, args) },
  'sigdeg.installEngine': { title: 'Install native engine', starts: true, run: async (s) => (await import('./engine')).installEngine(s) },
  'sigdeg.installWebgpuEngine': { title: 'Install WebGPU engine', starts: true, run: async (s) => (await import('./engine')).installWebgpuEngine(s) },
  'sigdeg.installOnnxEngine': { title: 'Install ONNX engine', starts: true, run: async (s) => (await import('./engine')).installOnnxEngine(s) },
  'sigdeg.openLog': { title: 'Open log', starts: false, run: (s) => { s.log.show(); } },
  'sigdeg.refresh': { title: 'Refresh', starts: false, run: (s) => { s.runs.refresh(); } },
};

export function registerCommands(services: Services): void {
  for (const [id, { title, starts, run }] of Object.entries(COMMANDS)) {
    const call = async (...args: unknown[]): Promise<void> => {
      try {
        if (starts && !vscode.workspace.isTrusted) throw untrusted();
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
