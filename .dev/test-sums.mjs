// Prints the sums of Vitest's JSON reports, and fails when a test failed, none passed or a report is missing.
import fs from 'node:fs';

/** @typedef {{ status: string }} Result */
/** @typedef {{ numPassedTests: number, numFailedTests: number, testResults: (Result & { assertionResults: Result[] })[] }} Report */

/** A file that fails without a failed test (it does not load, its editor does not start) counts as one. @param {string} file @returns {{ passed: number, failed: number }} */
function sumsOf(file) {
  let text = '';
  try {
    text = fs.readFileSync(file, 'utf8');
  } catch {
    // The run ended before it had one: what it said stands above.
    return { passed: 0, failed: 1 };
  }
  /** @type {unknown} */
  const parsed = JSON.parse(text);
  const { numPassedTests, numFailedTests, testResults } = /** @type {Report} */ (parsed);
  const broken = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'));
  return { passed: numPassedTests, failed: numFailedTests + broken.length };
}

const sums = process.argv.slice(2).map(sumsOf);
const [passed, failed] = [sums.reduce((sum, one) => sum + one.passed, 0), sums.reduce((sum, one) => sum + one.failed, 0)];
process.stdout.write(`${passed} passed, ${failed} failed\n`);
process.exitCode = failed === 0 && sums.every((one) => one.passed > 0) ? 0 : 1;
