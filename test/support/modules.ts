/** Reads what the project's source files import and export, for tests of the architecture. Syntax only: no types are resolved. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';

export const ROOT = path.join(import.meta.dirname, '..', '..');

export interface Import {
  /** A path from the root for the project's own files, otherwise a package's name as written. */
  readonly target: string;
  readonly own: boolean;
  /** static: loaded with the importing file; dynamic: `await import()`; type: gone at run time. */
  readonly kind: 'static' | 'dynamic' | 'type';
  /** What is used of the target; '*' when that cannot be told. */
  readonly names: readonly string[];
  readonly line: number;
}

export interface Export {
  readonly name: string;
  readonly line: number;
  /** Whether its own file uses it apart from declaring it. */
  readonly usedHere: boolean;
}

export interface Module {
  /** Path from the root, with '/'. */
  readonly file: string;
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  /** All texts in quotes, such as a package's name that is resolved at run time. */
  readonly strings: readonly string[];
}

/** Every TypeScript or JavaScript file under the folders, by path from the root. */
export function readModules(...folders: string[]): Map<string, Module> {
  const files = folders.filter((folder) => fs.existsSync(path.join(ROOT, folder))).flatMap((folder) =>
    fs.readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name.replaceAll('\\', '/')}`).filter((name) => /\.m?[tj]s$/.test(name)));
  return new Map(files.sort().map((file) => [file, readModule(file)]));
}

function readModule(file: string): Module {
  const source = ts.createSourceFile(file, fs.readFileSync(path.join(ROOT, file), 'utf8'), ts.ScriptTarget.ESNext, true);
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const imports: Import[] = [];
  const exports: Omit<Export, 'usedHere'>[] = [];
  const strings: string[] = [];
  const mentions = new Map<string, number>();

  const addImport = (specifier: ts.Node, kind: Import['kind'], names: string[]): void => {
    if (ts.isStringLiteralLike(specifier)) imports.push({ ...resolve(file, specifier.text), kind, names, line: lineOf(specifier) });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) {
      const clause = node.importClause;
      const bindings = clause?.namedBindings;
      const elements = bindings && ts.isNamedImports(bindings) ? [...bindings.elements] : [];
      const names = [...(clause?.name ? ['default'] : []), ...elements.map((e) => (e.propertyName ?? e.name).text), ...(bindings && ts.isNamespaceImport(bindings) ? ['*'] : [])];
      const typeOnly = clause?.phaseModifier === ts.SyntaxKind.TypeKeyword || (elements.length > 0 && !clause?.name && elements.every((e) => e.isTypeOnly));
      addImport(node.moduleSpecifier, typeOnly ? 'type' : 'static', names);
      return;
    }
    if (ts.isExportDeclaration(node)) {
      const elements = node.exportClause && ts.isNamedExports(node.exportClause) ? [...node.exportClause.elements] : [];
      for (const e of elements) exports.push({ name: e.name.text, line: lineOf(e) });
      if (node.moduleSpecifier) addImport(node.moduleSpecifier, node.isTypeOnly ? 'type' : 'static', elements.length > 0 ? elements.map((e) => (e.propertyName ?? e.name).text) : ['*']);
      return;
    }
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) addImport(node.argument.literal, 'type', ['*']);
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword && node.arguments[0]) addImport(node.arguments[0], 'dynamic', ['*']);
    if (ts.isStringLiteralLike(node)) strings.push(node.text);
    if (ts.isIdentifier(node)) mentions.set(node.text, (mentions.get(node.text) ?? 0) + 1);
    for (const name of declared(node)) exports.push({ name, line: lineOf(node) });
    ts.forEachChild(node, visit);
  };
  visit(source);
  // Overloads and a type beside a value of the same name declare one export several times.
  const declarations = (name: string): number => exports.filter((e) => e.name === name).length;
  const unique = [...new Map(exports.map((e) => [e.name, e])).values()];
  return { file, imports, strings, exports: unique.map((e) => ({ ...e, usedHere: (mentions.get(e.name) ?? 0) > declarations(e.name) })) };
}

/** The names that a statement exports by the word `export` before it. */
function declared(node: ts.Node): string[] {
  if (!ts.canHaveModifiers(node) || !ts.getModifiers(node)?.some((m) => m.kind === ts.SyntaxKind.ExportKeyword)) return [];
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.flatMap((d) => (ts.isIdentifier(d.name) ? [d.name.text] : []));
  const named = ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) || ts.isFunctionDeclaration(node) || ts.isClassDeclaration(node) || ts.isEnumDeclaration(node);
  return named && node.name ? [node.name.text] : [];
}

function resolve(from: string, specifier: string): { target: string; own: boolean } {
  if (!specifier.startsWith('.')) return { target: specifier, own: false };
  const base = path.posix.join(path.posix.dirname(from), specifier);
  const inPackage = /^node_modules\/(.*)/.exec(base)?.[1];
  if (inPackage !== undefined) return { target: inPackage, own: false };
  const found = [base, `${base}.ts`, `${base}.mts`, `${base}.mjs`, `${base}/index.ts`].find((file) => fs.statSync(path.join(ROOT, file), { throwIfNoEntry: false })?.isFile() === true);
  return { target: found ?? base, own: true };
}

/** 'a/b' of 'a/b/c' for a package in a scope, otherwise 'a'. */
export const packageOf = (specifier: string): string => specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/');
