/** Packages of the distribution: the browser, and what the editor's few native modules are built with. */
import { spawnSync } from 'node:child_process';
import { command } from './command';

/** What must be on the PATH, and the Debian package that brings it. */
const NEEDED = { chromium: 'chromium', rg: 'ripgrep', python3: 'python3', make: 'make', 'g++': 'g++' } as const;

const onPath = (program: string): string | undefined => {
  const { status, stdout } = spawnSync('/bin/sh', ['-c', `command -v ${program}`], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
};

export async function installPrograms(): Promise<void> {
  const missing = Object.entries(NEEDED).filter(([program]) => onPath(program) === undefined).map(([, name]) => name);
  if (missing.length === 0) return;
  // Another installation may have the lock, and a mirror may be away for a moment.
  const patience = ['-o', 'DPkg::Lock::Timeout=300', '-o', 'Acquire::Retries=3'];
  const line = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || onPath('apt-get') === undefined) throw new Error(`the end-to-end tests need ${missing.join(', ')}. On Debian: sudo ${line}`);
  await command('apt-get', [...patience, 'update']);
  await command('apt-get', [...patience, ...line.split(' ').slice(1)], { env: { DEBIAN_FRONTEND: 'noninteractive' } });
}

/** @throws Error when `installPrograms` has not run */
export function program(name: keyof typeof NEEDED): string {
  const found = onPath(name);
  if (found === undefined) throw new Error(`${name} is not on the PATH`);
  return found;
}
