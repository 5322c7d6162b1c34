/** Models that ship with the program. */
import type { Command } from 'commander';
import { nearest } from '../../core/nearest';
import { SigdegError } from '../../core/errors';
import { addReadyModel, readyModels, studentNameOf, teacherNameOf } from '../../jobs/ready-models';
import { trainedSteps } from '../../jobs/trained-steps';
import { globalsOf } from '../globals';
import { table } from '../table';

export function addModels(program: Command): void {
  const models = program.command('models').description('trained models that ship with sigdeg: ready to sample, with nothing to train');
  models.command('list', { isDefault: true }).description('list them').action(() => {
    const found = readyModels().flatMap(({ name, title, students }) => students.map((student) => ({ name, title, teacher: teacherNameOf(name), student: studentNameOf(name, student), steps: trainedSteps(student.config) })));
    globalsOf(program).output.result(found, found.length === 0 ? 'no models ship with this copy of sigdeg' : `${table(found, [
      { title: 'model', text: (m) => m.name }, { title: 'teacher', text: (m) => m.teacher }, { title: 'student', text: (m) => m.student }, { title: 'steps', text: (m) => m.steps.join(', ') },
    ])}\nsigdeg sample ${found.at(-1)!.name} --steps ${found.at(-1)!.steps[0]!} draws from one`);
  });
  models.command('add <name>').description('make its teacher and its students runs of this runs folder').action(async (name: string) => {
    const { runsDir, output } = globalsOf(program);
    const all = readyModels();
    const model = all.find((one) => one.name === name);
    if (!model) {
      const close = nearest(name, all.map((one) => one.name));
      throw new SigdegError('NOT_FOUND', `no model «${name}» ships with sigdeg${close === undefined ? '' : `, did you mean «${close}»?`}: «sigdeg models» lists them`);
    }
    const { teacher, students } = await addReadyModel(runsDir, model);
    output.result({ teacher: teacher.id, students: students.map(({ id }) => id) }, [`teacher ${teacher.id}`, ...students.map(({ id }) => `student ${id}`)].join('\n'));
  });
}
