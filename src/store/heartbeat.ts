/** Keeps a lease alive from a thread of its own, since a job computes for minutes without ever coming back to its event loop. */
import { isMainThread, Worker, workerData } from 'node:worker_threads';
import { builtFile } from './built-file';
import { BEAT_MS, beat, type Lease } from './lease';

interface HeartbeatData {
  readonly heartbeat: { readonly file: string; readonly owner: string };
}

/** Starts the thread. @returns what ends it */
export function startHeartbeat({ file, owner }: Lease): () => void {
  const data: HeartbeatData = { heartbeat: { file, owner } };
  const thread = new Worker(builtFile('heartbeat.js'), { workerData: data, stdin: false });
  // A run whose heart cannot beat (no memory for a thread) still computes; others see it as lost.
  thread.on('error', () => undefined);
  thread.unref();
  return () => void thread.terminate();
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
