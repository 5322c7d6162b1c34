import type { Command } from 'commander';
import { messageOf } from '../../core/errors';
import type { startEngine } from '../../runtime/engine';
import { ENGINE_NAMES } from '../../runtime/engine-names';
import { installNative } from '../../runtime/native-install';
import { globalsOf } from '../globals';
import { table } from '../table';

/** Loaded when it is needed: it brings tfjs, which every other command starts faster without. */
const start: typeof startEngine = async (choice) => (await import('../../runtime/engine')).startEngine(choice);

export function addRuntime(program: Command): void {
  const runtime = program.command('runtime').description('the engines');

  runtime.command('install').description('build the native engine')
    .option('--from <dir>', 'the folder «tensorflow» of an installed TensorFlow').option('--python <file>', 'whose pip downloads TensorFlow', 'python3')
    .action(async ({ from, python }: { from?: string; python: string }) => {
      const { output } = globalsOf(program);
      const result = await installNative({ python, onLog: (line) => { output.note(line); }, ...(from === undefined ? {} : { from }) });
      // A fresh process would be cleaner still; loading it here already proves that it computes.
      const { version } = await start('tensorflow');
      output.result({ ...result, version }, `the native engine ${version} works: ${result.binding}`);
    });

  runtime.command('status').description('which engines work here').action(async () => {
    const engines: { name: string; works: boolean; detail: string }[] = [];
    for (const name of ENGINE_NAMES) {
      try {
        engines.push({ name, works: true, detail: (await start(name)).version });
      } catch (error) {
        engines.push({ name, works: false, detail: messageOf(error) });
      }
    }
    globalsOf(program).output.result({ engines }, table(engines, [{ title: 'engine', text: (e) => e.name }, { title: 'works', text: (e) => (e.works ? 'yes' : 'no') }, { title: 'detail', text: (e) => e.detail }]));
  });
}
