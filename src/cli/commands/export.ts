import type { Command } from 'commander';
import * as path from 'node:path';
import { EXPORT_FORMATS, EXPORTS } from '../../jobs/export/formats';
import { findModel } from '../../jobs/ready-models';
import { VERSION } from '../../version';
import { globalsOf, oneOf } from '../globals';

interface Options {
  readonly to: string;
  readonly weights: string;
  readonly out?: string;
}

export function addExport(program: Command): void {
  program.command('export <run>').description('write a run for other programs')
    .requiredOption('--to <format>', EXPORT_FORMATS.map((format) => `${format} (${EXPORTS[format].title})`).join(', '))
    .option('--weights <kind>', 'ema or raw', 'ema')
    .option('--out <path>', 'file or folder (default: RUN_ID with the format\'s ending, in this folder)')
    .action(async (ref: string, options: Options) => {
      const { runsDir, output } = globalsOf(program);
      const format = oneOf('--to', options.to, EXPORT_FORMATS);
      const weights = oneOf('--weights', options.weights, ['ema', 'raw']);
      const run = await findModel(runsDir, ref);
      const { suffix } = EXPORTS[format];
      const out = options.out ?? (suffix === '' ? `${run.id}-${format}` : `${run.id}${suffix}`);
      const { exportRun } = await import('../../jobs/export/export-run');
      if (format === 'onnx' || format === 'python' || format === 'diffusers') {
        const { startEngine } = await import('../../runtime/engine');
        // The network runs twice, on two and three items, or its time's part alone; this engine has no operations of its own.
        await startEngine('cpu');
      }
      const files = await exportRun({ run, format, weights, out, producerVersion: VERSION, scriptDir: path.join(__dirname, '..', 'media', 'export') });
      output.result({ run: run.id, format, files: files.map((file) => path.resolve(file)) }, files.join('\n'));
    });
}
