/** Which runs the tree shows. */
import type { RunState, RunSummary } from '../../store/run';

export const STATES: readonly RunState[] = ['running', 'queued', 'paused', 'done', 'stopped', 'failed', 'lost'];

export interface RunFilter {
  /** Words that all stand somewhere in what is known of a run; capitals do not matter. */
  readonly text: string;
  readonly states: ReadonlySet<RunState>;
}

/** undefined for one that lets everything pass. */
export function filterOf(text: string, states: Iterable<RunState>): RunFilter | undefined {
  const wanted = new Set(states);
  const all = wanted.size === 0 || wanted.size === STATES.length;
  return text.trim() === '' && all ? undefined : { text: text.trim(), states: all ? new Set(STATES) : wanted };
}

/** `«gauss», running or failed` */
export function filterText({ text, states }: RunFilter): string {
  const some = states.size === STATES.length ? [] : [STATES.filter((state) => states.has(state)).join(' or ')];
  return [...(text === '' ? [] : [`«${text}»`]), ...some].join(', ');
}

export function matches(run: RunSummary, experiment: string | null, { text, states }: RunFilter): boolean {
  if (!states.has(run.state)) return false;
  const known = `${run.id} ${run.name} ${run.kind} ${experiment ?? ''} ${run.engine}`.toLowerCase();
  return text.toLowerCase().split(/\s+/).every((word) => known.includes(word));
}
