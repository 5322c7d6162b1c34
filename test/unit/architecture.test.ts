import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { ENTRIES, layerOf } from '../../.dev/layers.mjs';
import { packageOf, readModules, ROOT, type Import, type Module } from '../support/modules';

const sources = readModules('src', 'webview');
const others = readModules('test', '.dev');
const known = (file: string): Module[] => [sources.get(file)].filter((module) => module !== undefined);

/** `node:` and what ends in `/` or `-` stand for everything that begins so. */
const isOneOf = (specifier: string, patterns: readonly string[]): boolean =>
  patterns.some((pattern) => (/[:/-]$/.test(pattern) ? specifier.startsWith(pattern) : packageOf(specifier) === pattern));

/** The first chain of static imports from a file to something that matches. */
function chainTo(start: string, wanted: (target: string) => boolean): string[] | undefined {
  const from = new Map<string, string | undefined>([[start, undefined]]);
  for (const file of from.keys()) {
    for (const { target, kind } of known(file).flatMap((module) => module.imports)) {
      if (kind !== 'static' || from.has(target)) continue;
      from.set(target, file);
      if (!wanted(target)) continue;
      const chain: string[] = [];
      for (let here: string | undefined = target; here !== undefined; here = from.get(here)) chain.unshift(here);
      return chain;
    }
  }
  return undefined;
}

test('every source file belongs to a layer of .dev/layers.mjs', () => {
  expect([...sources.keys()].filter((file) => layerOf(file) === undefined)).toEqual([]);
});

test('files import only what their layer may', () => {
  const wrong = [...sources.values()].flatMap(({ file, imports }) => {
    const { name, layer } = layerOf(file) ?? { name: file, layer: { imports: [] } };
    const allowed = ({ target, own }: Import): boolean => {
      if (!own) return isOneOf(target, layer.packages ?? []);
      const owner = layerOf(target)?.name ?? target;
      return owner === name || layer.imports.includes(owner);
    };
    const may = [...layer.imports, ...(layer.packages ?? [])].join(', ') || 'nothing';
    return imports.filter((one) => !allowed(one)).map(({ line, target }) => `${file}:${line} imports ${target}, but ${name} may import only: ${may}`);
  });
  expect(wrong).toEqual([]);
});

test('nothing loads what its layer must not, through no chain of imports', () => {
  const wrong = [...sources.keys()].flatMap((file) => {
    const never = layerOf(file)?.layer.neverLoads ?? [];
    const chain = chainTo(file, (target) => !sources.has(target) && isOneOf(target, never));
    return chain === undefined ? [] : [chain.join(' → ')];
  });
  expect(wrong).toEqual([]);
});

test('no file imports itself round a circle', () => {
  const circles = [...sources.keys()].map((file) => chainToItself(file)).filter((circle) => circle !== undefined);
  expect(circles.map((circle) => circle.join(' → '))).toEqual([]);
});

function chainToItself(file: string): string[] | undefined {
  for (const { target, kind } of known(file).flatMap((module) => module.imports)) {
    if (kind !== 'static') continue;
    if (target === file) return [file, file];
    const back = chainTo(target, (next) => next === file);
    if (back) return [file, ...back];
  }
  return undefined;
}

/** All uses of a file's exports by other files: 'file name', or 'file *'. */
const uses = (modules: Iterable<Module>): Set<string> =>
  new Set([...modules].flatMap((module) => module.imports.filter((one) => one.own).flatMap(({ target, names }) => names.map((name) => `${target} ${name}`))));

test('nothing is dead: somebody uses each export, if only its own file or a test', () => {
  const used = uses([...sources.values(), ...others.values()]);
  const dead = [...sources.values()].filter(({ file }) => !ENTRIES.includes(file)).flatMap(({ file, exports }) =>
    exports.filter(({ name, usedHere }) => !usedHere && !used.has(`${file} ${name}`) && !used.has(`${file} *`)).map(({ name, line }) => `${file}:${line} ${name}`));
  expect(dead).toEqual([]);
});

test('each source file is reached from an entry', () => {
  const reached = new Set(ENTRIES.filter((file) => sources.has(file)));
  for (const file of reached) for (const { target } of known(file).flatMap((module) => module.imports)) if (sources.has(target)) reached.add(target);
  expect([...sources.keys()].filter((file) => !reached.has(file))).toEqual([]);
});

test('each dependency of package.json is used, and nothing else is', () => {
  const { dependencies, devDependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as Record<'dependencies' | 'devDependencies', Record<string, string>>;
  const named = (modules: Iterable<Module>): Set<string> => new Set([...modules].flatMap(({ imports, strings }) => [...imports.map((one) => one.target), ...strings]).map(packageOf));
  const [inSources, anywhere] = [named(sources.values()), named([...sources.values(), ...others.values()])];
  const config = fs.readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8');
  // A package of types is used when the package is; `types` in tsconfig.json and `extends` use packages, too.
  const usedAnywhere = (name: string): boolean => anywhere.has(name) || config.includes(name) || name === '@types/node' || (name.startsWith('@types/') && anywhere.has(name.slice('@types/'.length)));
  expect({
    unused: [...Object.keys(dependencies).filter((name) => !inSources.has(name)), ...Object.keys(devDependencies).filter((name) => !usedAnywhere(name))],
    missing: [...sources.values()].flatMap(({ file, imports }) =>
      imports.filter(({ own, target, kind }) => !own && kind !== 'type' && !target.startsWith('node:') && target !== 'vscode' && !(packageOf(target) in dependencies)).map(({ line, target }) => `${file}:${line} ${target}`)),
  }).toEqual({ unused: [], missing: [] });
});
