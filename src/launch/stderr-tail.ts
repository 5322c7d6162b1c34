import { StringDecoder } from 'node:string_decoder';

const KEPT_LINES = 20;
const KEPT_CHARACTERS = 8000;
/** What TensorFlow says whenever it is loaded, before it can be told to be quiet. */
const BANNER = /^WARNING: All log messages before absl::InitializeLog|^I\d{4} .*oneDNN custom operations are on/;

/** Keeps the last lines that a process wrote, to quote them when it dies without a word. */
export class StderrTail {
  readonly #decoder = new StringDecoder('utf8');
  #text = '';

  push(chunk: Buffer): void {
    this.#text = (this.#text + this.#decoder.write(chunk)).slice(-KEPT_CHARACTERS);
  }

  /** The last lines, without blank ones and those that are always there. */
  text(): string {
    return this.#text
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '' && !BANNER.test(line))
      .slice(-KEPT_LINES)
      .join('\n');
  }

  /** The line that most likely says why: the last one that is no stack frame and no log line of TensorFlow. */
  lastLine(): string {
    const lines = this.text().split('\n');
    return (lines.findLast((line) => !/^\s*at |^Node\.js v|^[IW]\d{4} [\d:.]+ |^WARNING: All log messages before/.test(line)) ?? '').trim();
  }
}
