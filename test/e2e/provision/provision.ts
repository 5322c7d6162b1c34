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

/** Writes our process id into the lock, unless it names another process that lives. */
function claim(lock: string): boolean {
  try {
    fs.writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    const owner = fs.existsSync(lock) ? fs.readFileSync(lock, 'utf8') : '';
    if (owner !== '' && !fs.existsSync(`/proc/${owner}`)) fs.rmSync(lock, { force: true });
    return false;
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
