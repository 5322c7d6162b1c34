/** Install native engine: `sigdeg runtime install` as a job. */
import * as vscode from 'vscode';
import { startJob } from '../job-progress';
import type { Services } from '../services';

export async function installEngine(services: Services): Promise<void> {
  await startJob(services, { title: 'Install native engine', words: ['runtime', 'install'] }, (job) => {
    const detail = (job.result as { detail?: unknown } | undefined)?.detail;
    return vscode.window.showInformationMessage(`The native engine works${typeof detail === 'string' ? `: ${detail}` : '.'}`);
  });
}
