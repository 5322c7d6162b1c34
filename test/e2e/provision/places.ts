/**
 * What the end-to-end tests run on, and where it lies. The editor is kept in the user's cache folder, for all clones (`SIGDEG_E2E_CACHE` names another one): inside the clone
 * the packager would look at each of its 30 000 files. What a run makes lies in an ignored folder of the clone.
 */
import * as os from 'node:os';
import * as path from 'node:path';

export const ROOT = path.join(import.meta.dirname, '..', '..', '..');

/** VS Code 1.100.3 in a browser: the newest that Node 20 runs. */
export const CODE_SERVER = '4.100.3';
/** The major version of Node that this code-server was built for. */
export const NODE_MAJOR = 20;

const work = path.join(ROOT, '.sigdeg-e2e');

/** What takes long to make and is kept: the editor, and Node where the machine has another one. */
export const CACHE = path.resolve(process.env['SIGDEG_E2E_CACHE'] ?? path.join(process.env['XDG_CACHE_HOME'] ?? path.join(os.homedir(), '.cache'), 'sigdeg', 'e2e'));
/** What each run makes anew: the package, profiles, screenshots, logs. */
export const OUT = path.join(work, 'out');
export const SCREENSHOTS = path.join(OUT, 'screenshots');
export const VSIX = path.join(OUT, 'extension.vsix');
/** The variable that names where editors install the extension: outside the clone, so that it finds no package but its own. */
export const INSTALLED_FOLDER = 'SIGDEG_E2E_INSTALLED';
export const HOST_TESTS = path.join(work, 'host-tests');

const packageDir = path.join(CACHE, 'server', 'node_modules', 'code-server');
export const SERVER = {
  dir: path.join(CACHE, 'server'),
  packageDir,
  vscode: path.join(packageDir, 'lib', 'vscode'),
  entry: path.join(packageDir, 'out', 'node', 'entry.js'),
} as const;
/** A link to the folder with `bin/node` and `include/node`. */
export const NODE_HOME = path.join(CACHE, 'node');
export const NODE = path.join(NODE_HOME, 'bin', 'node');
