/** What VS Code calls in the extension host to run tests there. The outcome also goes to a file, since the window tells only pass or fail. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import Mocha from 'mocha';

export interface HostResult {
  readonly title: string;
  /** Undefined: it passed. */
  readonly error?: string;
}

export async function run(): Promise<void> {
  const mocha = new Mocha({ ui: 'tdd', timeout: 240_000 });
  for (const name of fs.readdirSync(__dirname).filter((file) => file.endsWith('.test.js')).sort()) mocha.addFile(path.join(__dirname, name));
  const results: HostResult[] = [];
  const failures = await new Promise<number>((resolve) => {
    mocha.run(resolve)
      .on('pass', (test) => results.push({ title: test.fullTitle() }))
      .on('fail', (test, error: Error) => results.push({ title: test.fullTitle(), error: error.stack ?? error.message }));
  });
  const file = process.env['SIGDEG_E2E_RESULTS'];
  if (file !== undefined) fs.writeFileSync(file, JSON.stringify(results, null, 2));
  if (failures > 0) throw new Error(`${failures} tests failed in the extension host`);
}
