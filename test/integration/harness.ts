/** Runs the real command in a scratch folder, on an experiment that is distilled in a few seconds. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { afterAll, expect } from 'vitest';

export const cli = path.resolve('dist/cli.js');
export const engine = process.env['SIGDEG_TEST_ENGINE'] ?? 'wasm';

const training = { steps: 40, batch: 32, learningRate: 0.002, checkpointEvery: 10, logEvery: 5 };
export const experiment = {
  dataset: { name: 'moons', count: 200 },
  schedule: { fineSteps: 8 },
  teacher: { net: { kind: 'mlp', width: 8, blocks: 1 }, training },
  paths: { count: 64 },
  students: [{ steps: 2, depth: 2, training }],
  evaluation: { count: 64, seeds: 3, steps: [2], samplers: ['ddpm', 'sig-deg'], grids: ['quad'] },
};

/** Steps of a teacher that trains long enough to be disturbed. */
export const LONG = 800;
export const long = { ...experiment, teacher: { ...experiment.teacher, training: { ...training, steps: LONG, checkpointEvery: 100 } } };

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Distilled {
  readonly teacher: string;
  readonly student: string;
  readonly runs: readonly { id: string; kind: string; state: string; dir: string }[];
}

/** A folder of its own with an experiment file in it. */
export class Scratch {
  readonly dir = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-test-'));
  readonly file = path.join(this.dir, 'tiny.sigdeg.json');
  readonly runsDir = path.join(this.dir, '.sigdeg', 'runs');

  constructor(content: object | string = experiment) {
    fs.writeFileSync(this.file, typeof content === 'string' ? content : JSON.stringify(content));
  }

  /** The command as it is started here. */
  words(...args: string[]): string[] {
    return [cli, '--engine', engine, '--processes', '1', ...args];
  }

  sigdeg(...args: string[]): Promise<Ended> {
    return ended(process.execPath, this.words(...args), this.dir);
  }

  /** Distils the experiment, which must go well. */
  async distil(...args: string[]): Promise<Distilled> {
    const { code, stdout, stderr } = await this.sigdeg('--json', 'distill', this.file, ...args);
    expect([code, code === 0 ? '' : stderr]).toEqual([0, '']);
    return JSON.parse(stdout) as Distilled;
  }

  /** Starts the command and leaves it running. `group`: in a process group of its own, as a shell does. */
  start(...args: string[]): { child: ChildProcess; done: Promise<Ended> } {
    const child = spawn(process.execPath, this.words(...args), { cwd: this.dir, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    return { child, done: collected(child) };
  }

  /** Folders of the runs of a kind, oldest first. */
  runs(kind: string): string[] {
    const names = fs.existsSync(this.runsDir) ? fs.readdirSync(this.runsDir).sort() : [];
    return names.filter((name) => name.includes(`-${kind}-`)).map((name) => path.join(this.runsDir, name));
  }

  remove(): void {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

/** Makes scratch folders that go when the tests of the file are over. @param usual what they hold unless something else is given */
export function scratchFolders(usual: object): (content?: object) => Scratch {
  const all: Scratch[] = [];
  afterAll(() => { for (const each of all) each.remove(); });
  return (content = usual) => {
    const made = new Scratch(content);
    all.push(made);
    return made;
  };
}

export function ended(file: string, args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = process.env, timeout = 60_000): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(file, args, { cwd, env, timeout, maxBuffer: 1 << 26 }, (_error, stdout, stderr) => { resolve({ code: child.exitCode, stdout, stderr }); });
  });
}

export function collected(child: ChildProcess): Promise<Ended> {
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => { resolve({ code, stdout, stderr }); }));
}

/** Waits for something that shows on disk. */
export async function until<T>(look: () => T | undefined, what: string, patience = 30_000): Promise<T> {
  for (const deadline = Date.now() + patience; Date.now() < deadline;) {
    try {
      const seen = look();
      if (seen !== undefined) return seen;
    } catch {
      // not there yet
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`never saw ${what}`);
}

/** The one line that a person reads of a failure: its code and words. */
export function failure({ code, stderr }: Ended): { exit: number | null; error: string; message: string } {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  const match = /^error ([A-Z_]+): (.*)$/.exec(last);
  expect(stderr).not.toMatch(/^\s+at /m);
  expect([stderr, match !== null]).toEqual([stderr, true]);
  return { exit: code, error: match![1]!, message: match![2]! };
}

/** `expect.stringMatching`, typed. */
export const matching = (pattern: RegExp): unknown => expect.stringMatching(pattern) as unknown;

export const checkpoints = (run: string): string[] => fs.readdirSync(path.join(run, 'checkpoints')).filter((name) => /^\d+$/.test(name)).sort();

/** The final weights of a run as text. */
export const weights = (run: string): string => fs.readFileSync(path.join(run, 'checkpoints', checkpoints(run).at(-1)!, 'model.safetensors')).toString('hex');

/** Changes a byte in the middle of a file. */
export function flipByte(file: string): void {
  const bytes = fs.readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  fs.writeFileSync(file, bytes);
}
