import * as fs from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { ROOT } from '../support/modules';

const FOLDER = path.join(ROOT, 'src', 'extension', 'commands');
/** What starts a process: a job, or a task in a terminal. */
const STARTERS = ['startJob', 'runJob', 'executeTask'];

const parse = (file: string): ts.SourceFile => ts.createSourceFile(file, fs.readFileSync(path.join(FOLDER, file), 'utf8'), ts.ScriptTarget.ESNext, true);

function identifiersIn(node: ts.Node): Set<string> {
  const names = new Set<string>();
  const visit = (each: ts.Node): void => {
    if (ts.isIdentifier(each)) names.add(each.text);
    ts.forEachChild(each, visit);
  };
  visit(node);
  return names;
}

/** What each declaration of the commands' files mentions, by name; of several files' declarations of one name all. */
const mentioned = new Map<string, Set<string>>();
for (const file of fs.readdirSync(FOLDER).filter((name) => name !== 'table.ts')) {
  for (const statement of parse(file).statements) {
    const declarations = ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : ts.isFunctionDeclaration(statement) ? [statement] : [];
    for (const { name, node } of declarations.map((each) => ({ name: each.name?.getText(), node: each }))) {
      if (name !== undefined) mentioned.set(name, new Set([...(mentioned.get(name) ?? []), ...identifiersIn(node)]));
    }
  }
}

function starts(name: string): boolean {
  const reached = new Set([name]);
  for (const each of reached) for (const next of mentioned.get(each) ?? []) reached.add(next);
  return STARTERS.some((starter) => reached.has(starter));
}

/** The rows of the table: a command's id, the function that it calls, and whether the row says that it starts something. */
const rows = [...fs.readFileSync(path.join(FOLDER, 'table.ts'), 'utf8').matchAll(/^ {2}'([\w.]+)': \{.*starts: (true|false), run: (?:.*\)\)\.(\w+)\(s)?/gm)]
  .map(([, id, said, name]) => ({ id: id!, said: said === 'true', name }));

test('the table has every command of the manifest but those of the tree\'s filter', () => {
  const { contributes } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { contributes: { commands: { command: string }[] } };
  const known = [...rows.map(({ id }) => id), 'sigdeg.filterRuns', 'sigdeg.clearRunsFilter'];
  expect(known.sort()).toEqual(contributes.commands.map(({ command }) => command).sort());
});

test('what starts a process refuses in a folder that is not trusted, and nothing else does', () => {
  expect(rows.filter(({ said }) => said).length).toBeGreaterThan(0);
  expect(rows.filter(({ name, said }) => said !== (name !== undefined && starts(name)))).toEqual([]);
});
