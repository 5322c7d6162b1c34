import type { RunKind } from '../store/run';
import type { JobContext, JobResult } from './context';
import { evaluationJob } from './evaluation-job';
import { pathsJob } from './paths';
import { samplesJob } from './samples-job';
import { studentJob } from './student-job';
import { teacherJob } from './teacher-job';

const JOBS: Record<RunKind, (context: JobContext) => Promise<JobResult>> = {
  teacher: teacherJob,
  paths: pathsJob,
  student: studentJob,
  evaluation: evaluationJob,
  samples: samplesJob,
};

/** Does the job of a run to its end, or until it is asked to stop. Everything it finds out goes to the run's folder and the cache. */
export const runJob = (context: JobContext): Promise<JobResult> => JOBS[context.manifest.kind](context);
