import type { Command } from 'commander';
import * as path from 'node:path';
import { planImport } from '../../jobs/import-plan';
import { TEST_EVENTS } from '../../jobs/import-test-events';
import { ensureRun } from '../../launch/ensure';
import { readEvents } from '../../store/events';
import { resumeRun } from '../execute';
import { globalsOf, whole } from '../globals';
import { short, table, type Column } from '../table';

interface Options {
  readonly name?: string;
  readonly scheduler?: string;
  readonly class?: string;
  readonly data?: string;
  readonly seed: string;
}

export function addImport(program: Command): void {
  program.command('import <path>').description("make a teacher of a model that was trained elsewhere: a folder that diffusers' save_pretrained wrote (DDPMPipeline, UNet2DModel)")
    .option('--name <name>', "what it is called (default: the folder's name)")
    .option('--scheduler <file>', 'scheduler_config.json, where the folder has none or another is wanted')
    .option('--class <n>', 'which class is drawn, of a model that has classes')
    .option('--data <path>', 'items like those that it was trained on, for the test and for local pairs (default: it is tested on its own samples)')
    .option('--seed <n>', 'of the test', '0')
    .action(async (given: string, options: Options) => {
      const globals = globalsOf(program);
      const label = options.class === undefined ? undefined : whole('--class', options.class, 0);
      const { planned, notes } = planImport(given, { name: options.name, scheduler: options.scheduler, classLabel: label, data: options.data, seed: whole('--seed', options.seed, 0) });
      for (const note of notes) globals.output.note(note);
      const { id, dir, action } = await ensureRun(globals.runsDir, planned, [], { experiment: planned.name, experimentFile: null, engine: globals.launch().engine });
      if (action !== 'reuse') await resumeRun(globals, dir, `import ${planned.name}`);
      const test = testOf(dir);
      const sound = test.every(({ error, linear }) => error < linear);
      globals.output.result({ teacher: id, name: planned.name, test, sound, notes }, [
        table(test, COLUMNS),
        sound ? 'denoises better than a linear filter at every level' : 'worse than a linear filter at some levels: is it trained, and is its scheduler_config.json the right one?',
        `teacher ${id} («${planned.name}»): "teacher": {"from": "${planned.name}"} in an experiment distils it`,
      ].join('\n'));
      globals.output.note(path.join(dir, 'samples', 'reference', 'picture.png'));
    });
}

const COLUMNS: readonly Column<TestedLevel>[] = [
  { title: 'training step', text: ({ step }) => String(step), align: 'right' },
  { title: 'log SNR', text: ({ logSnr }) => short(logSnr), align: 'right' },
  { title: 'error of x0', text: ({ error }) => short(error), align: 'right' },
  { title: 'of a linear filter', text: ({ linear }) => short(linear), align: 'right' },
];

interface TestedLevel {
  readonly step: number;
  readonly logSnr: number;
  readonly error: number;
  readonly linear: number;
}

const NAMES = new Set<string>(Object.values(TEST_EVENTS));

/** What the newest test found, noisiest level first. */
function testOf(dir: string): TestedLevel[] {
  const levels = new Map<number, Record<string, number>>();
  for (const event of readEvents(dir)) {
    if (event.type === 'scalar' && NAMES.has(event.name)) levels.set(event.step, { ...levels.get(event.step), [event.name]: event.value });
  }
  return [...levels].map(([step, values]) => ({ step, logSnr: values[TEST_EVENTS.logSnr]!, error: values[TEST_EVENTS.error]!, linear: values[TEST_EVENTS.linear]! })).sort((a, b) => b.step - a.step);
}
