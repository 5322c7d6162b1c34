import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readExperimentText, type PlacedProblem } from '../../src/extension/previews/experiment-text';
import { nodeAt, parseJsonText, spanOf } from '../../src/extension/previews/json-text';
import { experimentText, FILE, student } from '../support/experiment-text';

const problems = (text: string): readonly PlacedProblem[] => readExperimentText(text, FILE).problems;
/** What each problem underlines. */
const underlined = (text: string): [string, string][] => problems(text).map(({ span, message }) => [text.slice(span.start, span.end), message]);
const good = experimentText(student('"steps": 5'));

test('a good file has no problem, the name of its file, and sections with their students', () => {
  const file = readExperimentText(good, FILE);
  expect(file.problems).toEqual([]);
  expect(file.name).toBe('rings');
  expect(file.students.map(({ names, steps }) => [names, steps && good.slice(steps.start, steps.end)])).toEqual([[['5-steps-depth-3'], '"steps": 5']]);
  expect(good.slice(file.teacher?.start).startsWith('"teacher": {')).toBe(true);
  expect(file.evaluation).toBeUndefined();
});

test('a sweep names its students, and its place is the sweep', () => {
  const text = experimentText(student('"name": "a", "sweep": { "steps": [1, 2], "depth": [3] }'), ',\n  "name": "mine"');
  const { name, students } = readExperimentText(text, FILE);
  expect(name).toBe('mine');
  expect(students[0]!.names).toEqual(['a-1-steps-depth-3', 'a-2-steps-depth-3']);
  expect(text.slice(students[0]!.steps!.start, students[0]!.steps!.end)).toBe('"sweep": { "steps": [1, 2], "depth": [3] }');
});

test('a problem underlines the key or the value it is about, and no more', () => {
  expect(underlined(good.replace('"steps": 5', '"steps": 5, "dpeth": 2'))).toEqual([['"dpeth"', "students[0].dpeth: unknown key, did you mean 'depth'?"]]);
  expect(underlined(good.replace('"8-gaussians"', '"moon"'))).toEqual([['"moon"', expect.stringContaining("did you mean 'moons'?")]]);
  expect(underlined(good.replace('"steps": 5', '"steps": 5000'))).toEqual([['5000', 'students[0].steps: expected at most schedule.fineSteps (1000) steps, found 5000']]);
  expect(underlined(good.replace('{ "name": "8-gaussians" }', '[1,\n2]'))[0]![0]).toBe('"dataset"');
});

test('what is missing is shown at what should hold it', () => {
  expect(underlined(good.replace('"batch": 8, ', ''))[0]).toEqual(['"training"', expect.stringMatching(/^teacher\.training\.batch: .* found nothing$/)]);
  expect(underlined('{}').map(([where]) => where)).toEqual(['{', '{', '{']);
  expect(underlined('')).toEqual([['', expect.stringMatching(/expected JSON/)]]);
});

test("a rule on the teacher's prediction is told at its place, as are others that a plan needs", () => {
  const text = good.replace('"net": { "kind": "mlp" }', '"net": { "kind": "mlp" }, "prediction": "x0"');
  expect(underlined(text)).toEqual([['"x0"', expect.stringMatching(/^teacher\.prediction: expected 'v' or 'flow' \(students\[0\] starts from/)]]);
});

test('the quick fix turns the text into one without that problem', () => {
  const broken = good.replace('"steps": 5', '"stesp": 5').replace('"mlp"', '"mpl"');
  const fixes = problems(broken).flatMap(({ fix }) => fix ?? []).sort((a, b) => b.span.start - a.span.start);
  const fixed = fixes.reduce((text, { span, text: by }) => text.slice(0, span.start) + by + text.slice(span.end), broken);
  expect(fixes.length).toBeGreaterThan(0);
  expect(problems(fixed).length).toBeLessThan(problems(broken).length);
  expect(fixed).toContain('"steps": 5');
});

test('broken JSON is told where it breaks, and sections that can be read are still there', () => {
  const broken = good.replace('"kind": "mlp" }', '"kind": "mlp"');
  const file = readExperimentText(broken, FILE);
  expect(file.problems.length).toBeGreaterThan(0);
  expect(file.problems.every(({ syntax }) => syntax)).toBe(true);
  expect(readExperimentText(`${good}// done`, FILE).problems[0]!.message).toBe('expected JSON: invalid comment token');
  expect(readExperimentText(good.replace(/\}\s*$/, ''), FILE).students[0]!.names).toEqual(['5-steps-depth-3']);
});

test('of a key that stands there twice the last counts, as for the job', () => {
  const json = parseJsonText('{"a": 1, "a": {"b": 2}}');
  expect(nodeAt(json, ['a', 'b'])?.offset).toBe(20);
  expect(json.text.slice(spanOf(json, ['a', 'b']).start)).toBe('2}}');
});

test('a byte order mark, line ends of Windows and a key named __proto__ do no harm', () => {
  expect(problems(`\uFEFF${good.replaceAll('\n', '\r\n')}`)).toEqual([]);
  expect(underlined(good.replace('"dataset"', '"__proto__": {}, "dataset"')).map(([where]) => where)).toEqual(['"__proto__"']);
});

test('whatever is cut out of a file or put into it, every problem has a place in the text', () => {
  fc.assert(fc.property(fc.nat(good.length), fc.nat(40), fc.string({ maxLength: 8 }), (at, length, put) => {
    const text = good.slice(0, at) + put + good.slice(at + length);
    for (const { span } of problems(text)) {
      expect(span.start).toBeGreaterThanOrEqual(0);
      expect(span.end).toBeLessThanOrEqual(text.length);
      expect(span.end).toBeGreaterThan(text.length === 0 ? -1 : span.start);
    }
  }));
});

test('what the editor takes for JSON is what the job takes for JSON', () => {
  const piece = fc.constantFrom('{', '}', '[', ']', ':', ',', '"', '"a"', '1', '-', '.', 'e', '0', 'true', 'null', ' ', '\n', '\t', '\u00a0', '\u2028', '\u0001', '\\', '\\u12', '//', '/*', '*/', '\ufeff');
  const isJson = (text: string): boolean => {
    try {
      JSON.parse(text);
      return true;
    } catch {
      return false;
    }
  };
  fc.assert(fc.property(fc.array(piece, { maxLength: 7 }).map((pieces) => pieces.join('')), (text) => {
    expect(parseJsonText(text).syntaxProblems.length === 0).toBe(isJson(text.replace(/^\uFEFF/, '')));
  }), { numRuns: 4000 });
});
