import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RunFeed } from '../../src/extension/panel/run-feed';
import type { HostMessage } from '../../webview/protocol';
import { PanelRuns } from '../support/panel-runs';

let runs: PanelRuns;
let feed: RunFeed;
let sent: HostMessage[];

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  runs = new PanelRuns();
  runs.add('teacher', 'teacher');
  runs.add('student', 'student', ['teacher'], { config: { student: { depth: 3 } } });
  sent = [];
  feed = new RunFeed(runs.index, (message) => sent.push(message));
});

afterEach(() => {
  feed.dispose();
  runs.remove();
  vi.useRealTimers();
});

const deltas = () => sent.filter((message) => message.type === 'delta');

test('nothing is sent before the page asks; then a snapshot, and deltas numbered on from it', () => {
  runs.tell('student');
  vi.advanceTimersByTime(1000);
  expect(sent).toEqual([]);
  feed.snapshot();
  expect(sent).toMatchObject([{ type: 'snapshot', seq: 1, runs: [{ id: 'student', depth: 3 }, { id: 'teacher', depth: null }] }]);
  runs.tell('student');
  vi.advanceTimersByTime(1000);
  runs.drop('student');
  runs.tell('student', 'never-there');
  vi.advanceTimersByTime(1000);
  expect(sent.slice(1)).toMatchObject([{ type: 'delta', seq: 2, changed: [{ id: 'student' }], removed: [] }, { type: 'delta', seq: 3, changed: [], removed: ['student'] }]);
});

test('at most four deltas a second, and none of the changes is lost', () => {
  feed.snapshot();
  for (let i = 0; i < 200; i++) {
    runs.tell(i % 2 === 0 ? 'student' : 'teacher');
    vi.advanceTimersByTime(10);
  }
  vi.advanceTimersByTime(1000);
  expect(deltas().length).toBeLessThanOrEqual(9);
  expect(deltas().map(({ seq }) => seq)).toEqual(deltas().map((_, i) => i + 2));
  expect(deltas().at(-1)!.changed.map(({ id, revision }) => [id, revision])).toContainEqual(['teacher', 100]);
});

test('a hidden page is sent nothing and gets a snapshot when it shows itself', () => {
  feed.snapshot();
  feed.setVisible(false);
  runs.tell('student');
  vi.advanceTimersByTime(1000);
  expect(sent.length).toBe(1);
  feed.setVisible(true);
  expect(sent[1]).toMatchObject({ type: 'snapshot', seq: 2 });
  vi.advanceTimersByTime(1000);
  expect(sent.length).toBe(2);
});

test('what is measured of a model raises its revision, too, and so does its deletion', () => {
  runs.add('evaluation', 'evaluation', ['teacher', 'student']);
  feed.snapshot();
  runs.tell('evaluation');
  vi.advanceTimersByTime(1000);
  expect(new Set(deltas()[0]!.changed.map(({ id, revision }) => `${id} ${revision}`))).toEqual(new Set(['evaluation 1', 'teacher 1', 'student 1']));
  runs.drop('evaluation');
  runs.tell('evaluation');
  vi.advanceTimersByTime(1000);
  expect(new Set(deltas()[1]!.changed.map(({ id, revision }) => `${id} ${revision}`))).toEqual(new Set(['teacher 2', 'student 2']));
});

test('strings of a run arrive cut and without characters that have no shape; a config of any form has no depth', () => {
  runs.add('student', 'odd', [], { name: `\u202e<img onerror=x>\n${'a'.repeat(5000)}`, config: null, error: { code: 'X', message: '\u001b[31m' } });
  runs.add('student', 'odder', [], { config: { student: { depth: 'many' } } });
  feed.snapshot();
  const [odder, odd] = (sent[0] as Extract<HostMessage, { type: 'snapshot' }>).runs;
  expect([odder!.depth, odd!.depth]).toEqual([null, null]);
  expect(odd!.name.startsWith('\\u202e<img onerror=x>\\u000aaaa')).toBe(true);
  expect(odd!.name.length).toBeLessThan(300);
  expect(odd!.error!.message).toBe('\\u001b[31m');
});
