/**
 * What the page sends, looked at before anything is done with it: the page shows strings of runs, and nothing that went wrong in it shall reach the disk.
 */
import { PANEL_COMMANDS, TABS, type Ask, type PageMessage } from '../../../webview/protocol';
import { WISHES } from '../../store/control';

type Fields = Readonly<Record<string, unknown>>;

const isText = (value: unknown): value is string => typeof value === 'string' && value.length < 10_000;
const isNumber = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
const isTexts = (value: unknown): boolean => Array.isArray(value) && value.length <= 10_000 && value.every(isText);
const isNull = (value: unknown): boolean => value === null;
const either = (...tests: ((value: unknown) => boolean)[]) => (value: unknown): boolean => tests.some((test) => test(value));
const oneOf = (values: readonly string[]) => (value: unknown): boolean => isText(value) && values.includes(value);
const isRange = (value: unknown): boolean => Array.isArray(value) && value.length === 2 && value.every(isNumber);

const MOST_EXPORTED = 256 * 1024 * 1024;
const isBytes = (value: unknown): boolean => value instanceof Uint8Array && value.length <= MOST_EXPORTED;
const isLongText = (value: unknown): boolean => typeof value === 'string' && value.length <= MOST_EXPORTED;

type Shape = Readonly<Record<string, (value: unknown) => boolean>>;

const ASKS: Readonly<Record<Ask['kind'], Shape>> = {
  series: { runs: isTexts, range: either(isNull, isRange), buckets: isNumber, smoothing: isNumber },
  catalogue: { runs: isTexts },
  grid: { set: isText, runs: isTexts, trainingStep: either(isNull, isNumber) },
  comparison: { runs: isTexts },
  flow: { flow: isText },
  brownian: { source: isText, item: isNumber, coordinate: isNumber },
  export: { name: isText, format: oneOf(['png', 'csv']) },
  'open-run': { run: isText },
  control: { run: isText, wish: oneOf(WISHES) },
  command: { command: oneOf(PANEL_COMMANDS), run: either(isNull, isText) },
};

const MESSAGES: Readonly<Record<PageMessage['type'], Shape>> = {
  ready: { protocol: isNumber, runs: isTexts, tab: either(isNull, oneOf(TABS)) },
  resync: { have: isNumber },
  select: { runs: isTexts },
  request: { id: isNumber, ask: isAsk },
  cancel: { id: isNumber },
};

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;
const fits = (value: Fields, shape: Shape): boolean => Object.entries(shape).every(([key, test]) => test(value[key]));

function isAsk(value: unknown): boolean {
  if (!isObject(value) || !isText(value['kind']) || !Object.hasOwn(ASKS, value['kind'])) return false;
  if (!fits(value, ASKS[value['kind'] as Ask['kind']])) return false;
  return value['kind'] !== 'export' || (value['format'] === 'png' ? isBytes(value['bytes']) : isLongText(value['text']));
}

/** The message, or undefined for anything that is none. */
export function pageMessage(value: unknown): PageMessage | undefined {
  if (!isObject(value) || !isText(value['type']) || !Object.hasOwn(MESSAGES, value['type'])) return undefined;
  return fits(value, MESSAGES[value['type'] as PageMessage['type']]) ? (value as unknown as PageMessage) : undefined;
}

/** The id of a request that could not be understood, so that it gets a reply all the same. */
export const requestId = (value: unknown): number | undefined => (isObject(value) && value['type'] === 'request' && isNumber(value['id']) ? value['id'] : undefined);
