/** Which runs a command can work on. */
import type { RunSummary } from '../store/run';

export const isActive = ({ state }: RunSummary): boolean => state === 'running' || state === 'paused';
export const isRunning = ({ state }: RunSummary): boolean => state === 'running';
export const isResumable = ({ state }: RunSummary): boolean => state === 'paused' || state === 'stopped' || state === 'failed' || state === 'lost' || state === 'queued';
/** Samples can be drawn from it. */
export const isModel = ({ kind, state }: RunSummary): boolean => (kind === 'teacher' || kind === 'student') && state === 'done';
export const isTeacher = (run: RunSummary): boolean => run.kind === 'teacher' && isModel(run);
export const isAny = (): boolean => true;
