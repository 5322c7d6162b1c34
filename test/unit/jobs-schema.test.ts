/** The JSON Schema of `*.sigdeg.json`, and the one for completion that package.json contributes. `npm run schema` is this test with leave to rewrite the files. */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { ExperimentFile, parseExperiment } from '../../src/jobs/config';
import { completionSchema } from '../support/completion-schema';
import { ROOT } from '../support/modules';

const committed = path.join(ROOT, 'media', 'schema', 'experiment.schema.json');
const completion = path.join(ROOT, 'media', 'schema', 'completion.schema.json');
const examples = fs.readdirSync(path.join(ROOT, 'media', 'examples')).filter((name) => name.endsWith('.sigdeg.json'));
const readExample = (name: string): unknown => JSON.parse(fs.readFileSync(path.join(ROOT, 'media', 'examples', name), 'utf8'));

/** Draft 7, which editors know best; `input`, because what has a default may be left out. */
function experimentSchema(): string {
  const schema = z.toJSONSchema(ExperimentFile, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // zod's bounds of an integer are those of JavaScript's numbers: noise in a completion.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const { $schema, ...rest } = schema;
  return `${JSON.stringify({ $schema, title: 'Sig-DEG experiment', ...rest }, null, 2)}\n`;
}

test('the committed schema is the one of src/jobs/config.ts (npm run schema)', async () => {
  await expect(experimentSchema()).toMatchFileSnapshot(committed);
});

test('the committed schema for completion follows from it, and nothing can be found wrong by it', async () => {
  const { $schema, ...schema } = JSON.parse(experimentSchema()) as Record<string, unknown>;
  const text = `${JSON.stringify({ $schema, ...completionSchema(schema) }, null, 2)}\n`;
  await expect(text).toMatchFileSnapshot(completion);
  const lenient = z.fromJSONSchema(JSON.parse(text) as Parameters<typeof z.fromJSONSchema>[0]);
  for (const wrong of [5, [], {}, { techer: {} }, { dataset: { name: 'nothing', count: -1 }, teacher: { net: { kind: 'x' }, training: [] }, students: [{ steps: 'five' }] }]) {
    expect(lenient.safeParse(wrong), JSON.stringify(wrong)).toMatchObject({ success: true });
  }
});

test('package.json contributes that for experiment files', () => {
  const { contributes } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as { contributes: { jsonValidation: unknown } };
  expect(contributes.jsonValidation).toEqual([{ fileMatch: '*.sigdeg.json', url: './media/schema/completion.schema.json' }]);
});

test.each(examples)('the example %s is valid for the program and for the editor', (name) => {
  const value = readExample(name);
  expect(() => parseExperiment(value, name, 'example')).not.toThrow();
  const schema = z.fromJSONSchema(JSON.parse(experimentSchema()) as Parameters<typeof z.fromJSONSchema>[0]);
  expect(schema.safeParse(value)).toMatchObject({ success: true });
  expect(schema.safeParse({ ...(value as object), techer: {} })).toMatchObject({ success: false });
});

test('what the schema offers for a new student is one', () => {
  const { properties } = JSON.parse(experimentSchema()) as { properties: { students: { items: { defaultSnippets: { label: string; body: object }[] } } } };
  const { students: _, ...example } = readExample('8-gaussians.sigdeg.json') as Record<string, unknown>;
  const { defaultSnippets } = properties.students.items;
  expect(defaultSnippets.map(({ label }) => label)).toEqual(['One student', 'Sweep']);
  for (const { body, label } of defaultSnippets) expect(() => parseExperiment({ ...example, students: [body] }, label, 'x')).not.toThrow();
});
