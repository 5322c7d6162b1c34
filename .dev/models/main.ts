/** Makes what ships in media/models; README.md of each tells with which words. */
import { startEngine } from '../../src/runtime/engine';
import { trainClassifier } from './classifier';
import { packModel } from './pack';

const USAGE = 'usage: npm run -s models -- classifier DATASET FILE\n       npm run -s models -- pack RUNS STUDENT[,STUDENT…] TITLE FOLDER';
const [what, ...words] = process.argv.slice(2);

async function main(): Promise<void> {
  const [a, b, c, d] = words;
  if (what === 'classifier' && a !== undefined && b !== undefined) {
    await startEngine('auto');
    await trainClassifier(a, b);
  } else if (what === 'pack' && a !== undefined && b !== undefined && c !== undefined && d !== undefined) packModel(a, b.split(','), c, d);
  else throw new Error(USAGE);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
