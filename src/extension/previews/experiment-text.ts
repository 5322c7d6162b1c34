/** An experiment file as it is being typed: its problems at their places, and the sections that previews are drawn at. */
import * as path from 'node:path';
import { valueAt } from '../../core/value-at';
import { checkExperiment, StudentNaming, studentsOf, type Experiment } from '../../jobs/config';
import { nodeAt, parseJsonText, propertyAt, spanOf, type JsonPath, type JsonText, type Span } from './json-text';

/** Something that keeps the experiment from being run. */
export interface PlacedProblem {
  readonly span: Span;
  readonly message: string;
  readonly syntax: boolean;
  /** What the quick fix writes, and where. */
  readonly fix?: { readonly span: Span; readonly meant: string; readonly text: string };
}

/** One entry of `students`: one student, or one for each pair of a sweep. */
export interface StudentSection {
  readonly index: number;
  /** Names of its students in their order; empty while they cannot be told. */
  readonly names: readonly string[];
  readonly span: Span;
  /** What says the steps: `"steps": 5`, or the sweep. */
  readonly steps: Span | undefined;
}

export interface ExperimentText {
  readonly file: string;
  readonly json: JsonText;
  readonly name: string;
  readonly problems: readonly PlacedProblem[];
  /** Only without problems. */
  readonly experiment: Experiment | undefined;
  readonly students: readonly StudentSection[];
  /** The properties `teacher` and `evaluation`. */
  readonly teacher: Span | undefined;
  readonly evaluation: Span | undefined;
}

export function readExperimentText(text: string, file: string): ExperimentText {
  const json = parseJsonText(text);
  const stem = path.basename(file).replace(/(\.sigdeg)?\.json$/, '');
  const { experiment, problems } = json.syntaxProblems.length > 0 ? { experiment: undefined, problems: syntaxProblems(json) } : checked(json, stem);
  const given = valueAt(json.value, ['name']);
  return {
    file, json, problems, experiment,
    name: typeof given === 'string' && given !== '' ? given : stem,
    students: studentSections(json),
    teacher: propertySpan(json, ['teacher']),
    evaluation: propertySpan(json, ['evaluation']),
  };
}

function syntaxProblems(json: JsonText): PlacedProblem[] {
  return json.syntaxProblems.map((problem) => ({ ...problem, syntax: true }));
}

function checked(json: JsonText, stem: string): { experiment: Experiment | undefined; problems: PlacedProblem[] } {
  const { experiment, problems } = checkExperiment(json.value, stem);
  return {
    experiment,
    problems: problems.map(({ path: at, message, unknownKey, meant }) => {
      const span = spanOf(json, at, unknownKey === true ? 'key' : 'value');
      return { span, message, syntax: false, ...(meant === undefined ? {} : { fix: { span, meant, text: JSON.stringify(meant) } }) };
    }),
  };
}

function studentSections(json: JsonText): StudentSection[] {
  const entries = nodeAt(json, ['students'])?.children ?? [];
  return entries.map((entry, index): StudentSection => {
    const parsed = StudentNaming.safeParse(valueAt(json.value, ['students', index]));
    return {
      index,
      names: parsed.success && (parsed.data.steps !== undefined || parsed.data.sweep !== undefined) ? studentsOf(parsed.data).map(({ name }) => name) : [],
      span: { start: entry.offset, end: entry.offset + entry.length },
      steps: propertySpan(json, ['students', index, 'steps']) ?? propertySpan(json, ['students', index, 'sweep']),
    };
  });
}

function propertySpan(json: JsonText, at: JsonPath): Span | undefined {
  const property = propertyAt(json, at);
  return property && { start: property.offset, end: property.offset + property.length };
}
