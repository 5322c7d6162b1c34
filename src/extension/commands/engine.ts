/** Install native engine, Install WebGPU engine, Install ONNX engine: `sigdeg runtime install` as a job. */
import * as vscode from 'vscode';
import { startJob } from '../job-progress';
import type { Services } from '../services';

export const installEngine = (services: Services): Promise<void> => install(services, 'Install native engine', 'The native engine works', []);
export const installWebgpuEngine = (services: Services): Promise<void> => install(services, 'Install WebGPU engine', 'The WebGPU engine works', ['--webgpu']);
export const installOnnxEngine = (services: Services): Promise<void> => install(services, 'Install ONNX engine', 'ONNX Runtime works', ['--onnx']);

async function install(services: Services, title: string, done: string, options: readonly string[]): Promise<void> {
  await startJob(services, { title, words: ['runtime', 'install', ...options] }, (job) => {
    const detail = (job.result as { detail?: unknown } | undefined)?.detail;
    return vscode.window.showInformationMessage(`${done}${typeof detail === 'string' ? `: ${detail}` : '.'}`);
  });
}
