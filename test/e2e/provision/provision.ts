/** Makes what is not there yet. Each step leaves a stamp that says what it was done for, so that a second run takes no time and a changed version is made anew. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { buildNatives, installServer, linkNode } from './code-server';
import { installPrograms } from './debian';
import { CACHE, CODE_SERVER, NODE_MAJOR } from './places';

async function step(name: string, madeFor: string, make: () => Promise<void>): Promise<void> {
  const stamp = path.join(CACHE, 'stamps', name);
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === madeFor) return;
  const started = performance.now();
  await make();
  fs.writeFileSync(stamp, madeFor);
  process.stderr.write(`provisioned ${name} in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
}

/** One process at a time: two clones share the folder. */
async function alone(make: () => Promise<void>): Promise<void> {
  const lock = path.join(CACHE, 'lock');
  while (!claim(lock)) await sleep(1000);
  try {
    await make();
  } finally {
    fs.rmSync(lock, { force: true });
  }
}

/** Writes our process into the lock, unless it names another one that lives. */
function claim(lock: string): boolean {
  try {
    fs.writeFileSync(lock, identity(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const owner = fs.existsSync(lock) ? fs.readFileSync(lock, 'utf8') : '';
    if (owner !== '' && owner !== identity(Number.parseInt(owner, 10))) fs.rmSync(lock, { force: true });
    return false;
  }
}

/** Number and start of a process: a kept folder may come to a machine where the number is another's. Empty when it is gone. */
function identity(pid: number): string {
  try {
    return `${pid} ${fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')[19]}`;
  } catch {
    return '';
  }
}

export async function provision(): Promise<void> {
  fs.mkdirSync(path.join(CACHE, 'stamps'), { recursive: true });
  await alone(async () => {
    // A kept folder may have come to a new machine: look at what lies outside it each time.
    await installPrograms();
    await linkNode();
    await step('code-server', CODE_SERVER, installServer);
    await step('native-modules', `${CODE_SERVER} node ${NODE_MAJOR} ${process.platform}-${process.arch}`, buildNatives);
  });
}
