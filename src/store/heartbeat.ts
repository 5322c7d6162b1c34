/** Keeps a lease alive from a thread of its own, since a job computes for minutes without ever coming back to its event loop. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { BEAT_MS, beat, type Lease } from './lease';

interface HeartbeatData {
  readonly heartbeat: { readonly file: string; readonly owner: string };
}

/** Starts the thread. @returns what ends it */
export function startHeartbeat({ file, owner }: Lease): () => void {
  const data: HeartbeatData = { heartbeat: { file, owner } };
  const thread = new Worker(heartbeatEntry(), { workerData: data, stdin: false });
  // A run whose heart cannot beat (no memory for a thread) still computes; others see it as lost.
  thread.on('error', () => undefined);
  thread.unref();
  return () => void thread.terminate();
}

/** Beside this bundle in `dist`, or in the project's `dist` when this runs from the sources (tests). */
function heartbeatEntry(): string {
  const beside = path.join(__dirname, 'heartbeat.js');
  return fs.existsSync(beside) ? beside : path.join(__dirname, '..', '..', 'dist', 'heartbeat.js');
}

if (!isMainThread && isHeartbeatData(workerData)) {
  const { file, owner } = workerData.heartbeat;
  setInterval(() => {
    try {
      beat(file, owner);
    } catch {
      // the owner itself meets a deleted folder or a dead disk soon enough
    }
  }, BEAT_MS);
}

function isHeartbeatData(data: unknown): data is HeartbeatData {
  return typeof data === 'object' && data !== null && 'heartbeat' in data;
}
