/** A noise schedule in words of the command line: its name, and what is not as usual. */
import { z } from 'zod';
import { BETA_SCHEDULES, type BetaSchedule } from '../core/discrete-schedule';
import { SigdegError } from '../core/errors';
import { nearest } from '../core/nearest';
import { CONTINUOUS_SCHEDULES } from '../core/schedule';
import { DiscreteScheduleSchema, ExperimentFile } from './config';
import { configError, problemsOf } from './config-errors';
import type { Common } from './setup';

export const SCHEDULE_NAMES = [...CONTINUOUS_SCHEDULES, ...BETA_SCHEDULES] as const;

/** DDPM's (Ho et al., arXiv 2006.11239), as in diffusers. */
const DISCRETE_DEFAULTS = { betaStart: 1e-4, betaEnd: 0.02, trainSteps: 1000, zeroTerminalSnr: false };

const Settings = DiscreteScheduleSchema.omit({ name: true, betas: true });
export const ScheduleSchema = z.union([DiscreteScheduleSchema, ExperimentFile.shape.schedule]);

/** `vp-linear,betaMax=18`, `linear,trainSteps=400`: a name of the experiment file's schedules, or of betas of training steps. @throws SigdegError BAD_USAGE */
export function parseSchedule(text: string): Common['schedule'] {
  const [name = '', ...settings] = text.split(',').map((part) => part.trim());
  if (!SCHEDULE_NAMES.some((known) => known === name)) {
    const meant = nearest(name, SCHEDULE_NAMES);
    throw new SigdegError('BAD_USAGE', `--schedule: expected one of ${SCHEDULE_NAMES.join(', ')}, found '${name}'${meant === undefined ? '' : `, did you mean '${meant}'?`}`);
  }
  const given = Object.fromEntries(settings.map((setting) => {
    const [, key, value] = /^(\w+)=(.+)$/.exec(setting) ?? [];
    if (key === undefined || value === undefined) throw new SigdegError('BAD_USAGE', `--schedule: expected NAME,key=value,…, such as linear,trainSteps=400, found '${setting}'`);
    return [key, value === 'true' ? true : value === 'false' ? false : Number(value)];
  }));
  const continuous = CONTINUOUS_SCHEDULES.some((known) => known === name);
  return continuous ? checked(ExperimentFile.shape.schedule, { ...given, name }) : { ...checked(Settings, { ...DISCRETE_DEFAULTS, ...given }), name: 'discrete', betas: name as BetaSchedule };
}

function checked<S extends z.ZodType>(schema: S, value: object): z.infer<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new SigdegError('BAD_USAGE', configError('--schedule', problemsOf(parsed.error.issues, value, schema)).message);
}
