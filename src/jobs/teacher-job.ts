import { createTeacher, teacherObjective } from '../diffusion/teacher';
import { classesOf } from './condition';
import type { JobContext, JobResult } from './context';
import { drawReference } from './reference-pictures';
import { importJob } from './import-job';
import { isImported, setupOf, tMinOf, type Common } from './setup';
import { trainPhases } from './training';

/** Trains the teacher of an experiment and draws what its students will be held against; or takes in one that was trained elsewhere. */
export async function teacherJob(context: JobContext): Promise<JobResult> {
  const config = context.manifest.config as unknown as Common;
  const { teacher } = config;
  if (isImported(teacher)) return importJob(context, config, teacher);
  const { dataset, schedule } = setupOf(config);
  const { net: netConfig, prediction, training } = teacher;
  const classes = classesOf(config);
  const { net, layout } = createTeacher(netConfig, dataset.itemShape, schedule, classes?.length);
  const { offset, scale } = dataset.normalisation;
  context.events.append({ type: 'log', level: 'info', message: `${dataset.name}: ${dataset.count} items [${dataset.itemShape.join(', ')}], model = (data - ${offset}) / ${scale}; teacher with ${layout.size} parameters${classes ? `, ${classes.length} classes: ${classes.join(', ')}` : ''}` });
  const objective = teacherObjective({ net, prediction, dataset, schedule, tMin: tMinOf(config.schedule, schedule), batch: training.batch, seed: config.seed, ...(classes && { classes: classes.length }) });
  const result = await trainPhases(context, layout, [{ name: 'train', objective, config: training }], () => layout.initial(config.seed));
  return result === 'stopped' ? result : drawReference(context, config, training.steps);
}
