/** `npm run bench`: ours and the peers' figures, taken in turns in one run. */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { hasNvidiaGpu } from '../../src/runtime/nvidia';
import { childEnvironment } from '../../src/launch/child-environment';
import { nearest } from '../../src/core/nearest';
import { messageOf, SigdegError } from '../../src/core/errors';
import { table } from '../../src/cli/table';
import { PROCESSES, type BenchCase, type CaseResult, type ProcessName } from './case';
import { CASES } from './cases';
import { Child } from './child';
import { compare, FULL, QUICK } from './compare';
import { MachineProbe } from './machine';
import { PEER, peerPython } from './python';
import { footnotes, resultsTable } from './report';

const USAGE = 'npm run bench -- [NAME…] [--quick] [--json] [--list]     NAME: a case or the beginning of some';

/** As panel.mjs finds it. */
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** @throws SigdegError BAD_USAGE */
function chosen(names: readonly string[]): readonly BenchCase[] {
  if (names.length === 0) return CASES.filter(({ needs }) => needs === undefined || (needs === 'gpu' ? hasNvidiaGpu() : fs.existsSync(CHROMIUM)));
  for (const name of names) {
    if (CASES.some((one) => one.name.startsWith(name))) continue;
    const close = nearest(name, CASES.map((one) => one.name));
    throw new SigdegError('BAD_USAGE', `no case is called «${name}»${close === undefined ? '' : `, did you mean «${close}»?`}: --list shows them all`);
  }
  return CASES.filter((one) => names.some((name) => one.name.startsWith(name)));
}

/** A line that the next one replaces, on a terminal; elsewhere nothing. */
const progress = (words: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[2K${words}`);
};

/** The processes of a run, each started when it is first asked for. */
class Children {
  readonly #started = new Map<ProcessName, Promise<Child>>();
  readonly scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-bench-'));

  get(name: ProcessName): Promise<Child> {
    let child = this.#started.get(name);
    if (!child) {
      child = this.#start(name);
      this.#started.set(name, child);
    }
    return child;
  }

  async #start(name: ProcessName): Promise<Child> {
    if (name !== 'python' && name !== 'python-1') return new Child(name, process.execPath, [path.join(__dirname, 'ours.js'), name, this.scratch], childEnvironment());
    const python = await peerPython((line) => process.stderr.write(`${line}\n`));
    const one = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
    return new Child(name, python, ['-u', PEER, this.scratch], { PYTHONWARNINGS: 'ignore', PYTHONDONTWRITEBYTECODE: '1', ...(name === 'python-1' ? one : {}) });
  }

  async end(): Promise<void> {
    for (const child of this.#started.values()) await child.then((one) => one.end()).catch(() => undefined);
    try {
      // A program that was ended may still write for a moment.
      fs.rmSync(this.scratch, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
    } catch (error) {
      process.stderr.write(`${this.scratch} stays: ${messageOf(error)}\n`);
    }
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { json: { type: 'boolean' }, quick: { type: 'boolean' }, list: { type: 'boolean' }, help: { type: 'boolean' } } });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const cases = chosen(positionals);
  if (values.list === true) {
    process.stdout.write(values.json === true ? `${JSON.stringify({ cases: cases.map(listed) })}\n` : `${list(cases)}\n`);
    return;
  }
  const busy = os.loadavg()[0]!;
  if (busy > 0.5 * os.availableParallelism()) {
    process.stderr.write(`the machine is busy (load ${busy.toFixed(1)} on ${os.availableParallelism()} cores): ranges will be wide, and what computes with several threads suffers most\n`);
  }
  const children = new Children();
  // The children end with this process, and what they wrote is ours to remove.
  let stopped = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      stopped = true;
      void children.end().then(() => process.exit(130));
    });
  }
  const probe = new MachineProbe((name) => children.get(name));
  const results: CaseResult[] = [];
  try {
    for (const one of cases) {
      if (stopped) return;
      results.push(await compare(one, {
        child: (name) => children.get(name),
        machine: (names) => probe.measure(PROCESSES.filter((name) => names.includes(name) || name === 'node')),
        progress: (words) => { progress(`${results.length + 1}/${cases.length}  ${words}`); },
      }, values.quick === true ? QUICK : FULL));
      if (!process.stderr.isTTY) process.stderr.write(`${results.length}/${cases.length}  ${one.name}\n`);
    }
  } finally {
    progress('');
    await children.end();
  }
  if (stopped) return;
  const machine = { cpu: os.cpus()[0]?.model ?? 'unknown', cores: os.availableParallelism(), load: [busy, ...os.loadavg().slice(0, 1)], platform: `${os.platform()} ${os.arch()}`, node: process.version, rates: probe.known() };
  process.stdout.write(values.json === true
    ? `${JSON.stringify({ cases: results, machine })}\n`
    : `${resultsTable(results)}\n\n${machine.cpu}, ${machine.cores} cores, load ${machine.load.map((l) => l.toFixed(1)).join(' before, ')} after, ${machine.platform}, Node ${machine.node}\n${footnotes(results, machine.rates)}\n`);
  if (results.some(({ error }) => error !== null)) process.exitCode = 1;
}

const listed = ({ name, title, limit, unit, ours, peer }: BenchCase) => ({ name, title, unit, ours: ours.label, peer: peer?.label ?? null, limit: limit ?? null });

const list = (cases: readonly BenchCase[]): string => table(cases, [
  { title: 'case', text: ({ name }) => name },
  { title: 'what', text: ({ title }) => title },
  { title: 'ours', text: ({ ours }) => ours.label },
  { title: 'peer', text: ({ peer }) => peer?.label ?? '' },
  { title: 'limit', text: ({ limit, unit }) => (limit === undefined ? '' : 'atLeast' in limit ? `ratio ≥ ${limit.atLeast}` : `≤ ${limit.atMost} ${unit}`) },
]);

main().catch((error: unknown) => {
  const code = error instanceof SigdegError ? error.code : (error as { code?: string }).code?.startsWith('ERR_PARSE_ARGS') === true ? 'BAD_USAGE' : 'INTERNAL';
  process.stderr.write(`error ${code}: ${messageOf(error)}\n`);
  process.exitCode = code === 'BAD_USAGE' ? 2 : 1;
});
