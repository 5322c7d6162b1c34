/** How a run that has ended early is gone on with: with its experiment, so that what comes after it is made, too; alone where its file is gone or means another run by now. */
import * as fs from 'node:fs';
import type { RunSummary } from '../store/run';
import { saveFirst } from './open-document';
import { readExperimentText } from './previews/experiment-text';
import { goesOnWith } from './previews/matching';
import type { Services } from './services';

/** Words of the command line. @throws SigdegError NO_ACCESS */
export async function resumeWords({ runs }: Pick<Services, 'runs'>, run: RunSummary): Promise<readonly string[]> {
  const file = run.experimentFile;
  if (file === null || !fs.existsSync(file)) return ['resume', run.id];
  await saveFirst(file);
  return goesOnWith(readExperimentText(fs.readFileSync(file, 'utf8'), file), runs.all(), run) ? ['distill', file] : ['resume', run.id];
}
