/** Whether this machine has an NVIDIA GPU, and which. */
import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
/** What the driver puts there, on Linux itself and on Linux inside Windows. */
const TRACES = ['proc/driver/nvidia/version', 'dev/nvidia0', 'usr/lib/wsl/lib/libcuda.so.1'];
const SMI = ['nvidia-smi', '/usr/lib/wsl/lib/nvidia-smi'];

/** @param root where the file system starts, for tests */
export const hasNvidiaGpu = (root = '/'): boolean => process.platform === 'linux' && TRACES.some((file) => fs.existsSync(path.join(root, file)));

/** Names with memory and driver, as the driver's own program tells them; none where it is not there. */
export async function nvidiaGpus(commands: readonly string[] = SMI): Promise<string[]> {
  for (const command of commands) {
    try {
      const { stdout } = await run(command, ['--query-gpu=name,memory.total,driver_version', '--format=csv,noheader'], { timeout: 20_000 });
      return stdout.split('\n').map((line) => line.trim()).filter((line) => line !== '').map((line) => {
        const [name = '', memory = '', driver = ''] = line.split(',').map((word) => word.trim());
        return `${name} (${memory}, driver ${driver})`;
      });
    } catch {
      // not here
    }
  }
  return [];
}
