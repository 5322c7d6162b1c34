/** Experiment files as somebody types them, and runs as the index gives them. */
import type { RunKind, RunSummary } from '../../src/store/run';

export const FILE = '/home/me/folder/rings.sigdeg.json';

const TRAINING = '{ "steps": 100, "batch": 8, "learningRate": 0.001 }';

/** `students` as they stand in the file, between the brackets. */
export function experimentText(students: string, more = ''): string {
  return `{
  "dataset": { "name": "8-gaussians" },
  "teacher": {
    "net": { "kind": "mlp" },
    "training": ${TRAINING}
  },
  "students": [
${students}
  ]${more}
}
`;
}

export const student = (fields: string): string => `    {
      ${fields},
      "training": ${TRAINING}
    }`;

let count = 0;

/** A run of the file above, newer than those before. */
export function runOf(kind: RunKind, name: string, more: Partial<RunSummary> = {}): RunSummary {
  const id = more.id ?? `20261124-${String(++count).padStart(6, '0')}-${kind}-${name}`;
  return {
    format: 1, id, kind, name, experiment: 'rings', experimentFile: FILE, created: id, config: {}, configHash: 'other', seed: 0, parents: [], versions: {}, engine: 'auto',
    dir: `/home/me/folder/.sigdeg/runs/${id}`, state: 'done', step: 100, steps: 100, updated: 0, ...more,
  };
}
