/** JSON with the place of everything in it: what a path of keys stands for in the text, also while the text is being typed and is broken. */
import { parseTree, printParseErrorCode, type Node, type ParseError } from 'jsonc-parser';

/** Characters [start, end) of a text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface JsonText {
  readonly text: string;
  /** What JSON.parse gives, or what is left of it where the text is broken. */
  readonly value: unknown;
  readonly syntaxProblems: readonly { readonly span: Span; readonly message: string }[];
  readonly root: Node | undefined;
}

export type JsonPath = readonly (string | number)[];

/** Comments and trailing commas are problems: the experiment file is strict JSON. A byte order mark is not. */
export function parseJsonText(text: string): JsonText {
  const errors: ParseError[] = [];
  // A space in its place keeps all offsets.
  const readable = text.replace(/^\uFEFF/, ' ');
  const root = parseTree(readable, errors, { disallowComments: true, allowTrailingComma: false });
  const syntaxProblems = errors.map(({ error, offset, length }) => ({ span: visible(text, offset, length), message: `expected JSON: ${words(printParseErrorCode(error))}` }));
  return { text, root, syntaxProblems, value: syntaxProblems.length === 0 ? (JSON.parse(readable) as unknown) : root && valueOf(root) };
}

/** The value at a path; undefined where there is none. */
export function nodeAt(json: JsonText, path: JsonPath): Node | undefined {
  let here = json.root;
  for (const key of path) here = here && childOf(here, key);
  return here;
}

/** The property (key and value) at a path; undefined for a list's entry or what is not there. */
export function propertyAt(json: JsonText, path: JsonPath): Node | undefined {
  const node = nodeAt(json, path);
  return node?.parent?.type === 'property' ? node.parent : undefined;
}

/**
 * Where to draw a problem: the key, the simple value, or for an object or a list its key or its opening bracket, so that no whole section is underlined.
 * What is missing is shown at the nearest thing around it that is there.
 */
export function spanOf(json: JsonText, path: JsonPath, part: 'key' | 'value' = 'value'): Span {
  const node = nodeAt(json, path);
  if (node === undefined) return path.length === 0 ? visible(json.text, 0, 0) : spanOf(json, path.slice(0, -1));
  const key = node.parent?.type === 'property' ? node.parent.children?.[0] : undefined;
  const simple = node.type !== 'object' && node.type !== 'array';
  if (key !== undefined && (part === 'key' || !simple)) return { start: key.offset, end: key.offset + key.length };
  return { start: node.offset, end: node.offset + (simple ? node.length : 1) };
}

/** Of keys that stand there twice the last counts, as in JSON.parse. */
function childOf(node: Node, key: string | number): Node | undefined {
  if (node.type === 'array') return typeof key === 'number' ? node.children?.[key] : undefined;
  if (node.type !== 'object') return undefined;
  return node.children?.findLast((property) => property.children?.[0]?.value === key)?.children?.[1];
}

function valueOf(node: Node): unknown {
  switch (node.type) {
    case 'object':
      return Object.fromEntries((node.children ?? []).flatMap(({ children }) => (children?.[1] ? [[String(children[0]?.value), valueOf(children[1])]] : [])));
    case 'array':
      return (node.children ?? []).map(valueOf);
    default:
      return node.value as unknown;
  }
}

/** At least one character of the text, so that something can be underlined. */
function visible(text: string, offset: number, length: number): Span {
  const start = length > 0 ? offset : Math.max(0, Math.min(offset, text.length - 1));
  return { start, end: Math.min(text.length, start + Math.max(1, length)) };
}

/** `CommaExpected` → `comma expected`. */
const words = (code: string): string => code.replace(/(?<=[a-z])(?=[A-Z])/g, ' ').toLowerCase();
