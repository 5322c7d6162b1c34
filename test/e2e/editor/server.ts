/** The editor's process: started on a port of its own, with nothing of the machine's own settings. */
import { execFileSync, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { NODE, SERVER, VSIX } from '../provision/places';
import { endProcesses, marked } from './processes';
import type { Profile } from './profile';

/** On a cold disk, with other things to do. */
const START_MS = 120_000;
const STOP_MS = 30_000;

export interface Server {
  readonly id: string;
  /** `127.0.0.1:PORT`, also what VS Code's remote addresses begin with. */
  readonly authority: string;
  readonly env: NodeJS.ProcessEnv;
  /** @returns the command lines of processes that did not end by themselves */
  stop(): Promise<string[]>;
}

function environment(profile: Profile, id: string): NodeJS.ProcessEnv {
  // What a terminal inside VS Code leaves in the environment would reach this one's extension host, and Vitest's its jobs.
  const own = Object.entries(process.env).filter(([name]) => !/^(VSCODE_|VITEST|NODE_ENV$|NODE_OPTIONS$|ELECTRON_)/.test(name));
  const xdg = path.join(profile.dir, 'xdg');
  return { ...Object.fromEntries(own), ...marked(id), XDG_CONFIG_HOME: xdg, XDG_DATA_HOME: xdg, SIGDEG_E2E_RESULTS: path.join(profile.dir, 'host-tests.json') };
}

/** Installs the packed extension and starts the editor. @throws Error with the end of its log */
export async function startServer(profile: Profile, restricted: boolean): Promise<Server> {
  const id = randomUUID();
  const env = environment(profile, id);
  const folders = ['--extensions-dir', profile.extensions, '--user-data-dir', profile.user];
  execFileSync(NODE, [SERVER.entry, ...folders, '--install-extension', VSIX], { env, stdio: ['ignore', 'ignore', 'inherit'], timeout: START_MS });

  const logFile = path.join(profile.dir, 'code-server.log');
  const log = fs.openSync(logFile, 'w');
  const child = spawn(NODE, [
    SERVER.entry, ...folders, '--auth', 'none', '--bind-addr', '127.0.0.1:0', '--disable-telemetry', '--disable-update-check', ...(restricted ? [] : ['--disable-workspace-trust']), '--disable-getting-started-override', profile.workspace,
  ], { env, stdio: ['ignore', log, log], detached: true });
  fs.closeSync(log);
  const stop = (): Promise<string[]> => {
    if (child.exitCode === null) child.kill('SIGTERM');
    return endProcesses(id, STOP_MS);
  };
  const deadline = Date.now() + START_MS;
  for (;;) {
    // It takes a free port and says which.
    const words = fs.readFileSync(logFile, 'utf8');
    const authority = /HTTP server listening on http:\/\/([\d.]+:\d+)/.exec(words)?.[1];
    if (authority !== undefined && await answers(`http://${authority}/healthz`)) return { id, authority, env, stop };
    if (child.exitCode !== null || Date.now() > deadline) {
      await stop();
      throw new Error(`the editor does not start:\n${words.slice(-3000)}`);
    }
    await sleep(100);
  }
}

const answers = (url: string): Promise<boolean> => fetch(url, { signal: AbortSignal.timeout(2000) }).then((response) => response.ok, () => false);
