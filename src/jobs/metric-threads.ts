/**
 * Threads that do parts of metrics. A metric is a plain function that returns its value, so the job's thread does its own share and then waits, asleep, for the
 * others' answers; libraries that do this make the caller wait for all of the work.
 */
import { isMainThread, MessageChannel, receiveMessageOnPort, Worker, workerData, type MessagePort } from 'node:worker_threads';
import type { Part, Threads } from '../metrics/parallel';
import { PARTS } from '../metrics/parts';
import { builtFile } from '../store/built-file';

/** What a thread is started with: where work comes from, and a count [1] of the answers that it has given. */
interface ThreadData {
  readonly metrics: { readonly port: MessagePort; readonly answered: Int32Array };
}

interface Order {
  readonly part: string;
  readonly all: readonly unknown[];
}

/** A thread that failed says so, and who asked finds out the reason by doing the work itself. */
type Answer = { readonly results: readonly unknown[] } | 'failed';

interface Member {
  readonly worker: Worker;
  readonly port: MessagePort;
  readonly answered: Int32Array;
  orders: number;
}

/** A thread may start late, and a machine may be busy; one that takes this many times as long as the same work took here, and this long, is given up. */
const PATIENCE = 20;
const PATIENCE_MS = 30_000;

/** Other threads beside the caller's, started with the first work that there is to share. */
export class MetricThreads implements Threads {
  #members: Member[] | undefined;

  constructor(private readonly count: number, private readonly patienceMs = PATIENCE_MS) {}

  run<Arguments, Result>(part: Part<Arguments, Result>, all: readonly Arguments[]): Result[] {
    try {
      return this.#shared(part, all);
    } catch (error) {
      // Answers are on their way that nobody waits for.
      this.close();
      throw error;
    }
  }

  #shared<Arguments, Result>(part: Part<Arguments, Result>, all: readonly Arguments[]): Result[] {
    const members = (this.#members ??= Array.from({ length: this.count }, startMember)).slice(0, all.length - 1);
    // The caller and the others take turns.
    const shares = Array.from({ length: members.length + 1 }, (_, s) => all.filter((_args, i) => i % (members.length + 1) === s));
    const sent = sendable(new Map());
    members.forEach((member, m) => { give(member, { part: part.name, all: shares[m + 1]!.map(sent) }); });
    const started = performance.now();
    const work = (share: readonly Arguments[]): Result[] => share.map((args) => part.run(args));
    const found = [work(shares[0]!)];
    const deadline = performance.now() + Math.max(this.patienceMs, PATIENCE * (performance.now() - started));
    members.forEach((member, m) => {
      const answer = answerOf(member, deadline);
      if (answer === undefined) this.#dismiss(member);
      found.push(answer === undefined || answer === 'failed' ? work(shares[m + 1]!) : (answer.results as Result[]));
    });
    return all.map((_, i) => found[i % found.length]![Math.floor(i / found.length)]!);
  }

  close(): void {
    for (const member of this.#members ?? []) this.#dismiss(member);
    this.#members = undefined;
  }

  #dismiss(member: Member): void {
    void member.worker.terminate();
    member.port.close();
    this.#members = this.#members?.filter((other) => other !== member);
  }
}

function startMember(): Member {
  const { port1: port, port2 } = new MessageChannel();
  const answered = new Int32Array(new SharedArrayBuffer(4));
  const data: ThreadData = { metrics: { port: port2, answered } };
  const worker = new Worker(builtFile('metric-threads.js'), { workerData: data, transferList: [port2], stdin: false });
  // One that dies gives no answer: its work is done here.
  worker.on('error', () => undefined);
  worker.unref();
  port.unref();
  return { worker, port, answered, orders: 0 };
}

function give(member: Member, order: Order): void {
  member.orders++;
  member.port.postMessage(order);
}

function answerOf({ port, answered, orders }: Member, deadline: number): Answer | undefined {
  for (;;) {
    const seen = Atomics.load(answered, 0);
    if (seen >= orders) return (receiveMessageOnPort(port) as { message: Answer } | undefined)?.message;
    if (Atomics.wait(answered, 0, seen, Math.max(0, deadline - performance.now())) === 'timed-out') return undefined;
  }
}

/** Arrays of more bytes are shared by all threads instead of copied for each: all subsets of a KID are of the same set. */
const SHARED_BYTES = 1 << 16;

/** Arguments without what lies around an array in its memory, all of which would be sent, too. What is the same stays the same. */
const sendable = (known: Map<unknown, unknown>) => (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null) return value;
  const before = known.get(value);
  if (before !== undefined) return before;
  const sent = ArrayBuffer.isView(value) ? sendableArray(value as Float32Array) : Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, sendable(known)(inner)]));
  known.set(value, sent);
  return sent;
};

function sendableArray(array: Float32Array | Float64Array | Int32Array): typeof array {
  if (array.byteLength <= SHARED_BYTES) return array.byteLength < array.buffer.byteLength ? array.slice() : array;
  const shared = new (array.constructor as Float32ArrayConstructor)(new SharedArrayBuffer(array.byteLength));
  shared.set(array);
  return shared;
}

function serve({ port, answered }: ThreadData['metrics']): void {
  port.on('message', ({ part, all }: Order) => {
    let answer: Answer = 'failed';
    try {
      const { run } = PARTS.get(part)! as Part<unknown, unknown>;
      answer = { results: all.map((args) => run(args)) };
    } catch {
      // The asker meets the same problem.
    }
    port.postMessage(answer);
    Atomics.add(answered, 0, 1);
    Atomics.notify(answered, 0);
  });
}

if (!isMainThread && isThreadData(workerData)) serve(workerData.metrics);

function isThreadData(data: unknown): data is ThreadData {
  return typeof data === 'object' && data !== null && 'metrics' in data;
}
