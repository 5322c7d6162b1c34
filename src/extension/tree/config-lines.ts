/** The main lines of a run's config, read without trust: a run of another version may lack any of it. */
import { printable } from '../../core/printable';
import type { RunSummary } from '../../store/run';

type Value = unknown;

function at(value: Value, ...keys: readonly string[]): Value {
  return keys.reduce<Value>((here, key) => (typeof here === 'object' && here !== null && Object.hasOwn(here, key) ? (here as Record<string, Value>)[key] : undefined), value);
}

/** A number, a text or a list of them as text; '' for anything else. */
function plain(value: Value): string {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'string') return printable(value, 60);
  return Array.isArray(value) ? value.slice(0, 12).map(plain).filter((text) => text !== '').join(', ') : '';
}

const joined = (...parts: readonly string[]): string => parts.filter((part) => part !== '').join(', ');
const named = (name: string, value: Value): string => (plain(value) === '' ? '' : `${name} ${plain(value)}`);
const counted = (value: Value, noun: string): string => (plain(value) === '' ? '' : `${plain(value)} ${noun}`);

/** `mlp, width 64, 2 blocks`. */
function netText(net: Value): string {
  return joined(plain(at(net, 'kind')), named('width', at(net, 'width')), named('channels', at(net, 'channels')), counted(at(net, 'blocks'), 'blocks'));
}

function trainingText(training: Value): string {
  return joined(counted(at(training, 'steps'), 'steps'), named('batch', at(training, 'batch')), named('learning rate', at(training, 'learningRate')));
}

/** Title and text of each line; what the config does not hold is left out. */
export function configLines({ kind, config, engine, seed }: RunSummary): readonly (readonly [title: string, text: string])[] {
  const data = ['Data', joined(plain(at(config, 'dataset', 'name')), plain(at(config, 'dataset', 'path')))] as const;
  const teacher = ['Net', joined(netText(at(config, 'teacher', 'net')), named('predicts', at(config, 'teacher', 'prediction')))] as const;
  const lines = {
    teacher: [data, teacher, ['Training', trainingText(at(config, 'teacher', 'training'))] as const],
    paths: [data, ['Paths', joined(plain(at(config, 'paths', 'kind')), counted(at(config, 'paths', 'count'), 'paths'))] as const],
    student: [
      data,
      ['Student', joined(counted(at(config, 'student', 'steps'), 'steps'), named('depth', at(config, 'student', 'depth')), named('start', at(config, 'student', 'start')), named('from', at(config, 'student', 'from')), named('recurrence', at(config, 'student', 'recurrence')), named('grid', at(config, 'student', 'grid')))] as const,
      ['Training', trainingText(at(config, 'student', 'training'))] as const,
    ],
    samples: [['Samples', joined(plain(at(config, 'sampler')), counted(at(config, 'steps'), 'steps'), counted(at(config, 'n'), 'samples'), named('seed', at(config, 'seed')))] as const],
    evaluation: [
      data,
      ['Samplers', plain(at(config, 'evaluation', 'samplers'))] as const,
      ['Steps', plain(at(config, 'evaluation', 'steps'))] as const,
      ['Samples', joined(counted(at(config, 'evaluation', 'count'), 'a set'), counted(at(config, 'evaluation', 'seeds'), 'seeds'))] as const,
    ],
  }[kind];
  return [...lines, ['Engine', joined(printable(engine, 30), `seed ${seed}`)] as const].filter(([, text]) => text !== '');
}

/** What a run is called below its parents: `Teacher`, `5 steps, depth 3`, `Samples: ddim at 10 steps`. */
export function runLabel({ kind, config, name }: RunSummary): string {
  switch (kind) {
    case 'teacher':
      return 'Teacher';
    case 'paths':
      return 'Paths';
    case 'student': {
      const text = joined(counted(at(config, 'student', 'steps'), plain(at(config, 'student', 'steps')) === '1' ? 'step' : 'steps'), named('depth', at(config, 'student', 'depth')));
      return text === '' ? printable(name) : text;
    }
    case 'samples': {
      const steps = counted(at(config, 'steps'), 'steps');
      return `Samples${named(':', at(config, 'sampler'))}${steps === '' ? '' : ` at ${steps}`}`;
    }
    case 'evaluation':
      return 'Evaluation';
  }
}

/** What tells two runs of the same label apart at a glance: `mlp`, `4096 samples`; '' without. */
export function runDetail({ kind, config }: RunSummary): string {
  switch (kind) {
    case 'teacher':
      return joined(plain(at(config, 'dataset', 'name')), plain(at(config, 'teacher', 'net', 'kind')));
    case 'paths':
      return joined(counted(at(config, 'paths', 'count'), plain(at(config, 'paths', 'kind'))));
    case 'student':
      return plain(at(config, 'student', 'recurrence')) === 'shared' ? '' : plain(at(config, 'student', 'recurrence'));
    case 'samples':
      return joined(counted(at(config, 'n'), 'samples'));
    case 'evaluation':
      return joined(counted(at(config, 'evaluation', 'steps'), 'steps'));
  }
}
