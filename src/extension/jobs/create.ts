/** Ties the jobs to the editor: its settings, its trust, its log. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { SigdegError } from '../../core/errors';
import type { RunIndex } from '../../store/run-index';
import type { Services } from '../services';
import { settings, workFolder } from '../settings';
import { findNode } from './find-node';
import type { JobCommand } from './job-process';
import { LocalJobs } from './local-jobs';

export function createJobs({ context, runs, log }: Pick<Services, 'context' | 'runs' | 'log'>): LocalJobs {
  return new LocalJobs({
    folder: path.join((context.storageUri ?? context.globalStorageUri).fsPath, 'jobs'),
    runs,
    trusted: () => vscode.workspace.isTrusted,
    maxConcurrent: () => settings().maxConcurrentJobs,
    command: () => command(context, runs, log),
    onEnd: ({ title, state, error }, words) => {
      if (state !== 'failed') log.info(`${title}: ${state}`);
      else log.error(`${title}: ${error ?? 'failed'}${words === '' ? '' : `\n${words}`}`);
    },
  });
}

async function command(context: vscode.ExtensionContext, runs: RunIndex, log: vscode.LogOutputChannel): Promise<JobCommand> {
  const { nodePath, engine, coresForEditor } = settings();
  const node = await findNode({ setting: nodePath, searchPath: process.env['PATH'] ?? '', own: { file: process.execPath, version: process.versions.node } });
  const cli = context.asAbsolutePath(path.join('dist', 'cli.js'));
  if (!fs.existsSync(cli)) throw new SigdegError('NOT_FOUND', `${cli} is missing: install the extension again`);
  const cwd = workFolder(context);
  log.debug(`jobs run with Node ${node.version} at ${node.file} (${node.from})`);
  return { node: node.file, cli, globals: ['--runs-dir', runs.runsDir, '--engine', engine, '--spare-cores', String(coresForEditor)], cwd: fs.existsSync(cwd) ? cwd : os.tmpdir() };
}
