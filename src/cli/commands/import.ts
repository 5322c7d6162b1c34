import type { Command } from 'commander';
import * as path from 'node:path';
import { SigdegError } from '../../core/errors';
import type { PlannedRun } from '../../jobs/context';
import { planImport, planOnnxImport } from '../../jobs/import-plan';
import { PREDICTIONS } from '../../diffusion/predictions';
import { TEST_EVENTS } from '../../jobs/import-test-events';
import { SCHEDULE_NAMES } from '../../jobs/onnx-schedule';
import { readyModels } from '../../jobs/ready-models';
import { ensureRun } from '../../launch/ensure';
import { inspectOnnx } from '../../launch/onnx';
import { ONNX_LAYOUTS, ONNX_TIMES } from '../../nets/onnx-names';
import { readEvents } from '../../store/events';
import { resumeRun } from '../execute';
import { globalsOf, oneOf, whole } from '../globals';
import { short, table, type Column } from '../table';

interface Options {
  readonly name?: string;
  readonly scheduler?: string;
  readonly class?: string;
  readonly data?: string;
  readonly seed: string;
  readonly prediction?: string;
  readonly schedule?: string;
  readonly time?: string;
  readonly inputNames?: string;
  readonly outputName?: string;
  readonly shape?: string;
  readonly layout?: string;
}

/** What an ONNX file does not tell and a folder of diffusers does. */
const ONNX_ONLY = ['prediction', 'schedule', 'time', 'inputNames', 'outputName', 'shape', 'layout'] as const;

export function addImport(program: Command): void {
  program.command('import <path>').description("make a teacher of a model that was trained elsewhere: a folder that diffusers' save_pretrained wrote (DDPMPipeline, UNet2DModel), or a file NAME.onnx")
    .option('--name <name>', "what it is called (default: the folder's or file's name)")
    .option('--scheduler <file>', 'scheduler_config.json, where the folder has none or another is wanted')
    .option('--class <n>', 'which class is drawn, of a model that has classes')
    .option('--data <path>', 'items like those that it was trained on, for the test and for local pairs (default: it is tested on its own samples)')
    .option('--seed <n>', 'of the test', '0')
    .option('--prediction <kind>', `ONNX: what it predicts, ${PREDICTIONS.join(', ')}`)
    .option('--schedule <name>', `ONNX: its noise levels, ${SCHEDULE_NAMES.join(', ')}, with what is not as usual: linear,betaEnd=0.02,trainSteps=1000 or edm,sigmaMax=80,sigmaData=0.5 (or --scheduler)`)
    .option('--time <kind>', "ONNX: what it is told of the time: index (of a training step), t (0 to 1; edm: sigma), sigma (noise level), c-noise (log(sigma) / 4), log-snr, embedding (this program's own features)")
    .option('--input-names <names>', 'ONNX: x=NAME,time=NAME, where the file leaves a choice; alpha=NAME,sigma=NAME where it has them')
    .option('--output-name <name>', 'ONNX: the output that predicts, where the file leaves a choice')
    .option('--shape <extents>', 'ONNX: height,width,channels of an item, where the file leaves it open')
    .option('--layout <kind>', `ONNX: ${ONNX_LAYOUTS.join(' or ')}, where the file leaves a choice`)
    .action(async (given: string, options: Options) => {
      const globals = globalsOf(program);
      const { planned, notes } = /\.onnx$/i.test(given) ? await planFile(given, options) : planFolder(given, options);
      for (const note of notes) globals.output.note(note);
      if (readyModels().some(({ name }) => name === planned.name)) throw new SigdegError('BAD_USAGE', `--name: «${planned.name}» is a model that ships with sigdeg: give another name`);
      const { id, dir, action } = await ensureRun(globals.runsDir, planned, [], { experiment: planned.name, experimentFile: null, engine: globals.launch().engine });
      if (action !== 'reuse') await resumeRun(globals, dir, `import ${planned.name}`);
      const test = testOf(dir);
      const sound = test.every(({ error, linear }) => error < linear);
      globals.output.result({ teacher: id, name: planned.name, test, sound, notes }, [
        table(test, COLUMNS),
        sound ? 'denoises better than a linear filter at every level' : `worse than a linear filter at some levels: is it trained, and ${/\.onnx$/i.test(given) ? 'are its prediction, schedule and time the right ones' : 'is its scheduler_config.json the right one'}?`,
        `teacher ${id} («${planned.name}»): "teacher": {"from": "${planned.name}"} in an experiment distils it`,
      ].join('\n'));
      globals.output.note(path.join(dir, 'samples', 'reference', 'picture.png'));
    });
}

interface Plan {
  readonly planned: PlannedRun;
  readonly notes: readonly string[];
}

function planFolder(given: string, options: Options): Plan {
  const stray = ONNX_ONLY.find((key) => options[key] !== undefined);
  if (stray !== undefined) throw new SigdegError('BAD_USAGE', `--${stray.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} is for a file NAME.onnx, and ${given} is none: leave it away, since a folder tells it`);
  const label = options.class === undefined ? undefined : whole('--class', options.class, 0);
  return planImport(given, { name: options.name, scheduler: options.scheduler, classLabel: label, data: options.data, seed: whole('--seed', options.seed, 0) });
}

async function planFile(given: string, options: Options): Promise<Plan> {
  const { name, data, scheduler, schedule, inputNames, outputName, shape } = options;
  if (options.class !== undefined) throw new SigdegError('BAD_USAGE', `--class is for a folder of diffusers, and ${given} is a file: export the model with its class fixed`);
  const seed = whole('--seed', options.seed, 0);
  const chosen = <T extends string>(option: string, text: string | undefined, choices: readonly T[]): T | undefined => (text === undefined ? undefined : oneOf(option, text, choices));
  const file = path.resolve(given);
  const facts = await inspectOnnx(file, {
    schedule, scheduler, inputNames, outputName, shape,
    prediction: chosen('--prediction', options.prediction, PREDICTIONS), time: chosen('--time', options.time, ONNX_TIMES), layout: chosen('--layout', options.layout, ONNX_LAYOUTS),
  });
  return { planned: planOnnxImport(file, facts, { name, data, seed }), notes: [] };
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
