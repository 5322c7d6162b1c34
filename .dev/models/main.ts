/** Makes what ships in media/models. `classifier DATASET FILE`. */
import { startEngine } from '../../src/runtime/engine';
import { trainClassifier } from './classifier';

const [what, ...words] = process.argv.slice(2);

async function main(): Promise<void> {
  if (what === 'classifier' && words.length === 2) {
    await startEngine('auto');
    await trainClassifier(words[0]!, words[1]!);
    return;
  }
  throw new Error('usage: npm run -s models -- classifier DATASET FILE');
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
