/**
 * Turns zod's issues into one readable problem each: the path, what was expected there, what was found, and for a typo the nearest key or value. A missing
 * `found` means that nothing stands at that path.
 */
import type { z } from 'zod';
import { keysAt, wantsInteger } from './config-keys';
import { nearest } from '../core/nearest';
import { SigdegError } from '../core/errors';
import { valueAt } from '../core/value-at';

export interface ConfigProblem {
  readonly path: readonly (string | number)[];
  /** `teacher.training.steps: expected an integer ≥ 1, found "ten"`. */
  readonly message: string;
  /** Where it lies in the key itself, which nothing knows, rather than in its value. */
  readonly unknownKey?: true;
  /** The key or value that was probably meant. */
  readonly meant?: string;
}

type Issue = z.core.$ZodIssue;

/** @param value the whole checked value, to quote what was found. */
export function problemsOf(issues: readonly Issue[], value: unknown, schema: z.core.$ZodType): ConfigProblem[] {
  return issues.flatMap((issue) => problemOf(issue, value, schema));
}

function problemOf(issue: Issue, value: unknown, schema: z.core.$ZodType): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    const candidates = keysAt(schema, issue.path, value);
    return issue.keys.map((key) => {
      const meant = nearest(key, candidates);
      const hint = meant === undefined ? `expected one of ${candidates.join(', ')}` : `did you mean '${meant}'?`;
      return { ...problem([...issue.path, key], `unknown key, ${hint}`, meant), unknownKey: true };
    });
  }
  // A union's own message says what it wants as a whole; an issue inside it, deeper than the union itself, says more.
  if (issue.code === 'invalid_union' && issue.errors.length > 0) {
    const deepest = issue.errors.filter((errors) => errors.length > 0 && errors.every((e) => e.path.length > 0));
    if (deepest.length === 1) return deepest[0]!.flatMap((e) => problemOf({ ...e, path: [...issue.path, ...e.path] }, value, schema));
  }
  const found = valueAt(value, issue.path);
  const meant = suggestion(issue, found);
  const hint = meant === undefined ? '' : `, did you mean '${meant}'?`;
  return [problem(issue.path, `expected ${expected(issue, wantsInteger(schema, issue.path, value))}, found ${describe(found)}${hint}`, meant)];
}

/** A problem of a rule that spans several keys. */
export function ruleProblem(path: readonly (string | number)[], expectedText: string, found: unknown): ConfigProblem {
  return problem(path, `expected ${expectedText}, found ${describe(found)}`);
}

/** All problems in one line, the first three in full. */
export function configError(where: string, problems: readonly ConfigProblem[]): SigdegError {
  const shown = problems.slice(0, 3).map((p) => p.message);
  if (problems.length > shown.length) shown.push(`and ${problems.length - shown.length} more`);
  return new SigdegError('BAD_CONFIG', `${where}: ${shown.join('; ')}`);
}

function problem(path: readonly PropertyKey[], text: string, meant?: string): ConfigProblem {
  const names = path.map((key) => (typeof key === 'number' ? key : String(key)));
  return { path: names, message: `${pathText(names)}: ${text}`, ...(meant === undefined ? {} : { meant }) };
}

/** `students[0].training.steps`; the whole file is `(top level)`. */
export function pathText(path: readonly (string | number)[]): string {
  if (path.length === 0) return '(top level)';
  return path.map((key, i) => (typeof key === 'number' ? `[${key}]` : `${i === 0 ? '' : '.'}${key}`)).join('');
}

function expected(issue: Issue, integer: boolean): string {
  switch (issue.code) {
    case 'invalid_type':
      return integer ? 'an integer' : (TYPE_TEXT[issue.expected] ?? article(issue.expected));
    case 'invalid_value':
      return issue.values.length === 1 ? quoted(issue.values[0]) : `one of ${issue.values.map(quoted).join(', ')}`;
    case 'too_small':
      return bound(issue.origin, issue.inclusive === false ? '>' : '≥', Number(issue.minimum), integer);
    case 'too_big':
      return bound(issue.origin, issue.inclusive === false ? '<' : '≤', Number(issue.maximum), integer);
    default:
      // Unions and own rules carry their expectation as the message.
      return issue.message;
  }
}

const TYPE_TEXT: Readonly<Record<string, string>> = {
  int: 'an integer',
  number: 'a number',
  string: 'a text',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function bound(origin: string, sign: string, limit: number, integer: boolean): string {
  if (origin === 'array') return `a list of ${sign} ${limit} entries`;
  if (origin === 'string') return `a text of ${sign} ${limit} characters`;
  return `${integer ? 'an integer' : 'a number'} ${sign} ${limit}`;
}

function suggestion(issue: Issue, found: unknown): string | undefined {
  return issue.code === 'invalid_value' && typeof found === 'string' ? nearest(found, issue.values.filter((v) => typeof v === 'string')) : undefined;
}

const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
const quoted = (value: unknown): string => (typeof value === 'string' ? `'${value}'` : String(value));

/** What stands in the file, short enough for one line. */
function describe(found: unknown): string {
  if (found === undefined) return 'nothing';
  const text = JSON.stringify(found);
  return text.length <= 60 ? text : `${text.slice(0, 57)}…`;
}

/** Checks a config against its schema and fills in defaults; `where` starts the message. @throws SigdegError BAD_CONFIG. */
export function parseConfig<S extends z.ZodType>(schema: S, value: unknown, where: string): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw configError(where, problemsOf(parsed.error.issues, value, schema));
  return parsed.data;
}
