import type { Command } from 'commander';
import { messageOf, SigdegError } from '../../core/errors';
import { probeOnnx } from '../../launch/onnx';
import { probe } from '../../launch/probe';
import { AUTO_ORDER, ENGINE_NAMES, type EngineName } from '../../runtime/engine-names';
import { installNative } from '../../runtime/native-install';
import { hasNvidiaGpu, nvidiaGpus } from '../../runtime/nvidia';
import { installOnnx } from '../../runtime/onnx-install';
import { isOnnxInstalled, ONNX_PACKAGE } from '../../runtime/onnx-package';
import { CPU_WHEEL, CUDA_WHEEL } from '../../runtime/tensorflow-folder';
import { installWebgpu } from '../../runtime/webgpu-install';
import { WEBGPU_PACKAGE } from '../../runtime/webgpu-package';
import { globalsOf } from '../globals';
import { catchInterrupts } from '../interrupt';
import { table } from '../table';

interface InstallOptions {
  readonly from?: string;
  readonly python?: string;
  readonly download?: boolean;
  readonly cpu?: boolean;
  readonly webgpu?: boolean;
  readonly onnx?: boolean;
}

interface EngineStatus {
  readonly engine: EngineName;
  readonly works: boolean;
  readonly version: string | null;
  readonly gpu: boolean;
  readonly detail: string;
}

/** ONNX Runtime is no engine: it runs imported files beside any of them. */
interface OnnxStatus {
  readonly works: boolean;
  readonly version: string | null;
  readonly detail: string;
}

export function addRuntime(program: Command): void {
  const runtime = program.command('runtime').description('the engines');

  runtime.command('install').description('build the native engine from a TensorFlow that is there, else a downloaded one; or fetch the WebGPU engine, or ONNX Runtime')
    .option('--webgpu', `instead fetch the WebGPU engine with npm: ${WEBGPU_PACKAGE.name} ${WEBGPU_PACKAGE.version}, for any GPU on Windows, macOS and Linux`)
    .option('--onnx', `instead fetch ONNX Runtime with npm, which runs imported ONNX files: ${ONNX_PACKAGE.name} ${ONNX_PACKAGE.version}`)
    .option('--from <dir>', 'the folder «tensorflow» of an installed TensorFlow')
    .option('--python <file>', 'the Python to look for TensorFlow in, and whose pip downloads it (default: of the active environment, else python3)')
    .option('--download', `download ${CPU_WHEEL.requirement}, or ${CUDA_WHEEL.requirement} with NVIDIA's libraries where there is a GPU of theirs, whatever Python has`)
    .option('--cpu', 'build for the processor also where an NVIDIA GPU is')
    .action(async ({ webgpu, onnx, ...native }: InstallOptions) => {
      const { output } = globalsOf(program);
      const onLog = (line: string): void => { output.note(line); };
      if (webgpu === true || onnx === true) {
        const stray = webgpu === onnx ? 'onnx' : Object.keys(native)[0];
        if (stray !== undefined) throw new SigdegError('BAD_USAGE', `--${stray} is for ${stray === 'onnx' ? 'ONNX Runtime' : 'the native engine'}: leave it or --${webgpu === true ? 'webgpu' : 'onnx'} away`);
      }
      if (onnx === true) {
        const result = await interruptible(onLog, (stop) => installOnnx({ onLog, stop, verify: probeOnnx }));
        output.result(result, `ONNX Runtime ${result.version} works: ${result.detail}`);
        return;
      }
      if (webgpu === true) {
        const result = await interruptible(onLog, (stop) => installWebgpu({ onLog, stop, verify: (dir) => probe('webgpu', dir) }));
        output.result(result, `the WebGPU engine works: ${result.detail}`);
        return;
      }
      const { from, python, download, cpu } = native;
      const result = await interruptible(onLog, (stop) => installNative({
        onLog, stop,
        verify: (packageDir) => probe('tensorflow', packageDir),
        download: download === true, cuda: cpu !== true && hasNvidiaGpu(),
        ...(from === undefined ? {} : { from }), ...(python === undefined ? {} : { python }),
      }));
      output.result(result, `the native engine works: ${result.detail}`);
    });

  runtime.command('status').description('which engines work here, and whether ONNX files can be run').action(async () => {
    const { output } = globalsOf(program);
    const engines = await Promise.all(ENGINE_NAMES.map(async (engine): Promise<EngineStatus> => {
      try {
        const { version, gpu, detail } = await probe(engine);
        return { engine, works: true, version, gpu, detail };
      } catch (error) {
        return { engine, works: false, version: null, gpu: false, detail: messageOf(error) };
      }
    }));
    const onnx = await onnxStatus();
    const auto = AUTO_ORDER.find((step) => engines.some((e) => e.engine === step.engine && e.works && (step.gpu !== true || e.gpu)))?.engine ?? null;
    const unused = unusedGpu(engines, hasNvidiaGpu() ? await nvidiaGpus() : undefined);
    output.result({ engines, auto, onnx, ...(unused === undefined ? {} : { warning: unused }) }, [
      table(engines, [
        { title: 'engine', text: (e) => e.engine }, { title: 'works', text: (e) => (e.works ? 'yes' : 'no') }, { title: 'GPU', text: (e) => (e.gpu ? 'yes' : 'no') },
        { title: 'version', text: (e) => e.version ?? '-' }, { title: 'detail', text: (e) => e.detail },
      ]),
      `auto takes ${auto ?? 'none of them'}`,
      `ONNX Runtime ${onnx.works ? `${onnx.version ?? ''} works` : 'does not work'}: ${onnx.detail}`,
      ...(unused === undefined ? [] : [`warning: ${unused}`]),
    ].join('\n'));
  });
}

/** Ctrl-C ends an installation and deletes what it had begun; a second one does not wait for that. @throws what `work` throws; SigdegError INTERRUPTED */
async function interruptible<T>(onLog: (line: string) => void, work: (stop: AbortSignal) => Promise<T>): Promise<T> {
  const interrupt = catchInterrupts(onLog, 'Stopping: what was begun is deleted.');
  const { stop } = interrupt;
  stop.addEventListener('abort', () => { interrupt.release(); });
  try {
    return await work(stop);
  } catch (error) {
    throw stop.aborted ? new SigdegError('INTERRUPTED', 'stopped, and nothing was changed: the same command begins anew', { cause: error }) : error;
  } finally {
    interrupt.release();
  }
}

async function onnxStatus(): Promise<OnnxStatus> {
  if (!isOnnxInstalled()) return { works: false, version: null, detail: 'not installed: «sigdeg runtime install --onnx» fetches it, for imported ONNX files' };
  try {
    const { version, detail } = await probeOnnx();
    return { works: true, version, detail };
  } catch (error) {
    return { works: false, version: null, detail: messageOf(error) };
  }
}

/** A line about an NVIDIA GPU that no engine computes on. */
function unusedGpu(engines: readonly EngineStatus[], gpus: readonly string[] | undefined): string | undefined {
  if (gpus === undefined || engines.some(({ gpu }) => gpu)) return undefined;
  return `a GPU is here and unused, ${gpus.join(', ') || 'one of NVIDIA'}: «sigdeg runtime install» builds the native engine for CUDA, «sigdeg runtime install --webgpu» fetches one that needs the driver alone`;
}
