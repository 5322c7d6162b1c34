import type { Command } from 'commander';
import { messageOf } from '../../core/errors';
import { probe } from '../../launch/probe';
import { ENGINE_NAMES } from '../../runtime/engine-names';
import { installNative, WHEEL } from '../../runtime/native-install';
import { globalsOf } from '../globals';
import { table } from '../table';

interface InstallOptions {
  readonly from?: string;
  readonly python?: string;
  readonly download?: boolean;
}

interface EngineStatus {
  readonly engine: string;
  readonly works: boolean;
  readonly version: string | null;
  readonly detail: string;
}

export function addRuntime(program: Command): void {
  const runtime = program.command('runtime').description('the engines');

  runtime.command('install').description('build the native engine from a TensorFlow that is there, else a downloaded one')
    .option('--from <dir>', 'the folder «tensorflow» of an installed TensorFlow')
    .option('--python <file>', 'the Python to look for TensorFlow in, and whose pip downloads it (default: of the active environment, else python3)')
    .option('--download', `download ${WHEEL} whatever Python has`)
    .action(async ({ from, python, download }: InstallOptions) => {
      const { output } = globalsOf(program);
      const result = await installNative({
        onLog: (line) => { output.note(line); },
        verify: (packageDir) => probe('tensorflow', packageDir),
        download: download === true,
        ...(from === undefined ? {} : { from }), ...(python === undefined ? {} : { python }),
      });
      output.result(result, `the native engine works: ${result.detail}`);
    });

  runtime.command('status').description('which engines work here').action(async () => {
    const { output } = globalsOf(program);
    const engines = await Promise.all(ENGINE_NAMES.map(async (engine): Promise<EngineStatus> => {
      try {
        const { version, detail } = await probe(engine);
        return { engine, works: true, version, detail };
      } catch (error) {
        return { engine, works: false, version: null, detail: messageOf(error) };
      }
    }));
    const auto = engines.find((e) => e.works)?.engine ?? null;
    output.result({ engines, auto }, `${table(engines, [
      { title: 'engine', text: (e) => e.engine }, { title: 'works', text: (e) => (e.works ? 'yes' : 'no') },
      { title: 'version', text: (e) => e.version ?? '-' }, { title: 'detail', text: (e) => e.detail },
    ])}\nauto takes ${auto ?? 'none of them'}`);
  });
}
