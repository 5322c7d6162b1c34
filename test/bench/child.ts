/** A process that works on request for the whole run: one line of JSON asks, one answers. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { SigdegError, type ErrorCode } from '../../src/core/errors';
import { StderrTail } from '../../src/launch/stderr-tail';
import type { Facts, Params } from './case';

export interface Request {
  readonly id: number;
  readonly op: 'open' | 'run' | 'close';
  /** Names the opened work. */
  readonly key: string;
  readonly work?: string;
  readonly params?: Params;
  readonly iterations?: number;
}

export interface Reply {
  readonly id: number;
  readonly facts?: Facts;
  readonly seconds?: number;
  readonly error?: { readonly code: string; readonly message: string };
}

const PATIENCE_MS = 3000;

export class Child {
  readonly #child: ChildProcess;
  readonly #stderr = new StderrTail();
  readonly #waiting = new Map<number, { resolve: (reply: Reply) => void; reject: (error: SigdegError) => void }>();
  #id = 0;
  #gone: string | undefined;

  constructor(readonly name: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'], env: { ...process.env, ...env } });
    this.#child.stderr!.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    // A process that ended answers no more: its end is reported below.
    this.#child.stdin!.on('error', () => undefined);
    createInterface({ input: this.#child.stdout! }).on('line', (line) => this.#line(line));
    this.#child.on('error', (error) => this.#end(error.message));
    this.#child.on('close', (code, signal) => this.#end(`ended with ${signal ?? `status ${code ?? '?'}`}`));
  }

  open(key: string, work: string, params: Params): Promise<Facts> {
    return this.#ask({ op: 'open', key, work, params }).then(({ facts }) => facts ?? {});
  }

  /** Seconds that so many iterations took. */
  async run(key: string, iterations: number): Promise<number> {
    const { seconds } = await this.#ask({ op: 'run', key, iterations });
    if (seconds === undefined || !(seconds > 0)) throw new SigdegError('INTERNAL', `${this.name}: expected a time of ${key}, found ${String(seconds)}`);
    return seconds;
  }

  async close(key: string): Promise<void> {
    await this.#ask({ op: 'close', key });
  }

  /** Ends the process, by force where it is too busy to hear. */
  async end(): Promise<void> {
    if (this.#gone !== undefined) return;
    const gone = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.kill();
    const force = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE_MS);
    await gone;
    clearTimeout(force);
  }

  #ask(request: Omit<Request, 'id'>): Promise<Reply> {
    if (this.#gone !== undefined) return Promise.reject(this.#lost());
    const id = this.#id++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#child.stdin!.write(`${JSON.stringify({ id, ...request })}\n`);
    });
  }

  #line(line: string): void {
    let reply: Reply;
    try {
      reply = JSON.parse(line) as Reply;
    } catch {
      return; // a library's own words
    }
    const waiting = this.#waiting.get(reply.id);
    this.#waiting.delete(reply.id);
    if (reply.error) waiting?.reject(new SigdegError(reply.error.code as ErrorCode, `${this.name}: ${reply.error.message}`));
    else waiting?.resolve(reply);
  }

  #end(how: string): void {
    this.#gone ??= how;
    for (const { reject } of this.#waiting.values()) reject(this.#lost());
    this.#waiting.clear();
  }

  #lost(): SigdegError {
    return new SigdegError('RUN_LOST', `the process ${this.name} ${this.#gone ?? ''}; its last words: ${this.#stderr.lastLine() || 'none'}`);
  }
}
