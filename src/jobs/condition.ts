/** Which classes the items of a class-conditional model have, and how strongly it is guided to them. Loads no tfjs. */
import { SigdegError } from '../core/errors';
import { nearest } from '../core/nearest';
import { STUDENT_SAMPLER } from '../diffusion/samplers/names';
import type { GuidanceRange, ItemConditions } from '../diffusion/condition';
import { DEFAULT_GUIDANCE } from './config';
import { setupOf, type Common, type PathsConfig } from './setup';

/** How the items of a set are conditioned: all have class `label`, or, where it is absent, item i has class i mod their number, so that a set has all of them. */
export type SampleCondition = Readonly<{ label?: number; guidance: number }>;

/** Names of the classes that a teacher is, or was, told; undefined of an unconditional one. @throws SigdegError BAD_CONFIG when its data have none */
export function classesOf(config: Common): readonly string[] | undefined {
  if (!('classes' in config.teacher) || config.teacher.classes !== true) return undefined;
  const { classes, name } = setupOf(config).dataset;
  if (classes === undefined) throw new SigdegError('BAD_CONFIG', `teacher.classes: expected data with classes (8-gaussians, moons, pinwheel, mnist, fashion-mnist, idx images with their labels, npy with dataset.labels), found ${name} without`);
  return classes;
}

/** What the students of these paths are told and taught; undefined where the teacher is unconditional. */
export function taughtCondition(config: PathsConfig): { readonly classes: number; readonly guidance: GuidanceRange } | undefined {
  const classes = classesOf(config);
  return classes && { classes: classes.length, guidance: config.paths.guidance ?? DEFAULT_GUIDANCE };
}

/** The same of a student's run, where it is the student that samples. */
export const guidanceRangeOf = (config: Common, sampler: string): GuidanceRange | undefined =>
  (sampler === STUDENT_SAMPLER && 'paths' in config ? taughtCondition(config as PathsConfig)?.guidance : undefined);

/** Plain conditional sampling where a student was taught it, else the least that it was. */
export const usualGuidance = (range: GuidanceRange | undefined): number => (range === undefined ? 1 : Math.min(Math.max(1, range[0]), range[1]));

export interface AskedCondition {
  /** A class by its name or number, or `all` in turn. */
  readonly class?: string | undefined;
  readonly guidance?: number | undefined;
}

/**
 * What is asked of a model, with what it leaves open filled in; undefined for an unconditional one.
 * @throws SigdegError BAD_USAGE when it has no such class, no classes at all, or was not taught this guidance
 */
export function conditionOf(config: Common, sampler: string, asked: AskedCondition): SampleCondition | undefined {
  const classes = classesOf(config);
  if (classes === undefined) {
    const given = asked.class !== undefined ? '--class' : asked.guidance !== undefined ? '--guidance' : undefined;
    if (given !== undefined) throw new SigdegError('BAD_USAGE', `${given}: this model knows no classes: leave it out, or train a teacher with "classes": true`);
    return undefined;
  }
  const range = guidanceRangeOf(config, sampler);
  const guidance = asked.guidance ?? usualGuidance(range);
  checkGuidance(guidance, range, '--guidance');
  const label = asked.class === undefined || asked.class === 'all' ? undefined : labelOf(asked.class, classes);
  return { guidance, ...(label !== undefined && { label }) };
}

/** @throws SigdegError BAD_USAGE for a scale outside of those that a student was taught. */
export function checkGuidance(guidance: number, range: GuidanceRange | undefined, where: string): void {
  if (range === undefined || (guidance >= range[0] && guidance <= range[1])) return;
  throw new SigdegError('BAD_USAGE', `${where}: expected a guidance scale from ${range[0]} to ${range[1]}, which is what the student was taught (paths.guidance), found ${guidance}`);
}

/** A name counts before a number, since numbers may be names. */
function labelOf(asked: string, classes: readonly string[]): number {
  const byName = classes.findIndex((name) => name.toLowerCase() === asked.toLowerCase());
  if (byName >= 0) return byName;
  const label = Number(asked);
  if (/^\d+$/.test(asked) && label < classes.length) return label;
  const close = nearest(asked, classes);
  const named = classes.some((name, i) => name !== String(i)) ? `, or one of ${classes.join(', ')}` : '';
  throw new SigdegError('BAD_USAGE', `--class: expected a number from 0 to ${classes.length - 1}${named}, or all, found '${asked}'${close === undefined || named === '' ? '' : `: did you mean ${close}?`}`);
}

/** Class and guidance scale of items first … first + count − 1 of a set. */
export function itemConditions({ label, guidance }: SampleCondition, classes: number, { first, count }: { first: number; count: number }): ItemConditions {
  return {
    labels: Float32Array.from({ length: count }, (_, i) => label ?? (first + i) % classes),
    guidance: new Float32Array(count).fill(guidance),
  };
}

/** The names of the items' classes, for pictures of them. */
export function classNamesOf(config: Common, condition: SampleCondition | undefined, count: number): string[] | undefined {
  const classes = condition && classesOf(config);
  return classes && Array.from({ length: count }, (_, i) => classes[condition.label ?? i % classes.length]!);
}

/** Evaluations of the network where the teacher is asked once: guided, it is asked with the class and without. */
export const teacherEvaluations = (condition: SampleCondition | undefined): number => (condition === undefined || condition.guidance === 1 ? 1 : 2);
