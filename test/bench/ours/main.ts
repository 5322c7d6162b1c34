/** The process that measures ours: `main.js ENGINE SCRATCH`, then one request a line on stdin. ENGINE is `native`, `wasm`, `webgpu` or `node` (none). */
import { createInterface } from 'node:readline';
import { messageOf, SigdegError } from '../../../src/core/errors';
import { startEngine, usesCuda, type Engine } from '../../../src/runtime/engine';
import type { EngineName } from '../../../src/runtime/engine-names';
import type { Reply, Request } from '../child';
import type { Work } from './work';
import { WORKS } from './works';

const [name = 'node', scratch = '.'] = process.argv.slice(2);
const opened = new Map<string, Work>();
let engine: Promise<Engine | undefined> | undefined;

async function answer({ id, op, key, work, params, iterations }: Request): Promise<Reply> {
  engine ??= name === 'node' ? Promise.resolve(undefined) : startEngine(name === 'native' ? 'tensorflow' : (name as EngineName));
  if (op === 'open') {
    const open = WORKS[work ?? ''];
    if (!open) throw new SigdegError('INTERNAL', `expected a piece of work of ours/works.ts, found '${work ?? ''}'`);
    const made = await open(params ?? {}, { engine: await engine, scratch });
    opened.set(key, made);
    return { id, facts: { ...made.facts, ...((await engine)?.name === 'tensorflow' && usesCuda() ? { device: 'cuda' } : {}) } };
  }
  const made = opened.get(key);
  if (!made) throw new SigdegError('INTERNAL', `${key} is not open`);
  if (op === 'run') return { id, seconds: await made.run(iterations ?? 1) };
  opened.delete(key);
  await made.close?.();
  return { id };
}

// The programs that a piece of work has started end with this process.
process.on('SIGTERM', () => process.exit(0));
const say = (reply: Reply): void => void process.stdout.write(`${JSON.stringify(reply)}\n`);
// What libraries say goes where it disturbs no answer.
console.log = console.info = console.error;
let last = Promise.resolve();
createInterface({ input: process.stdin }).on('line', (line) => {
  const request = JSON.parse(line) as Request;
  last = last.then(() => answer(request)).then(say, (error: unknown) => {
    say({ id: request.id, error: { code: error instanceof SigdegError ? error.code : 'INTERNAL', message: messageOf(error).split('\n')[0] ?? '' } });
  });
}).on('close', () => process.exit(0));
