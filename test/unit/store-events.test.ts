import fc from 'fast-check';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { latestCheckpoint, writeCheckpoint } from '../../src/store/checkpoints';
import { eventsFile, EventWriter, readEvents } from '../../src/store/events';

const scratch = (): string => fs.mkdtempSync(path.join(os.tmpdir(), 'sigdeg-store-'));

test('a log that is cut off anywhere keeps its whole lines, and a writer goes on numbering after them', () => {
  const dir = scratch();
  const writer = EventWriter.open(dir);
  for (let i = 0; i < 20; i++) writer.append({ type: 'scalar', name: 'loss', step: i, value: 1 / (i + 1) });
  writer.close();
  const whole = fs.readFileSync(eventsFile(dir));
  fc.assert(fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
    fs.writeFileSync(eventsFile(dir), whole.subarray(0, length));
    const lines = whole.subarray(0, length).toString().split('\n').length - 1;
    const next = EventWriter.open(dir);
    next.append({ type: 'state', state: 'stopped' });
    next.close();
    const seqs = readEvents(dir).map((event) => event.seq);
    expect(seqs.length).toBeGreaterThanOrEqual(lines + 1);
    expect(seqs).toEqual(seqs.map((_, i) => i));
  }));
  fs.rmSync(dir, { recursive: true });
});

test('a byte that changed in a checkpoint is found, and the older one is used', () => {
  const dir = scratch();
  writeCheckpoint(dir, 1, { 'model.safetensors': Uint8Array.of(1, 2, 3) }, { step: 1 });
  writeCheckpoint(dir, 2, { 'model.safetensors': Uint8Array.of(4, 5, 6) }, { step: 2 });
  expect(latestCheckpoint(dir)?.step).toBe(2);
  fs.writeFileSync(path.join(dir, 'checkpoints', '00000002', 'model.safetensors'), Uint8Array.of(4, 5, 7));
  const bad: string[] = [];
  expect(latestCheckpoint(dir, (error) => bad.push(error.code))?.step).toBe(1);
  expect(bad).toEqual(['BAD_CHECKPOINT']);
  fs.rmSync(dir, { recursive: true });
});
