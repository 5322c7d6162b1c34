/**
 * The schema that the editor completes with: what the strict one knows, and nothing that its own JSON support could warn about. The extension marks what is
 * wrong itself, with the program's words, and the same mistake is told once.
 */
type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null && !Array.isArray(value);
/** Neither hold a value to anything: kept as they are. */
const KEPT = ['title', 'description', 'default', 'defaultSnippets'];

export function completionSchema(schema: Schema): Schema {
  const choices = Array.isArray(schema['oneOf']) ? schema['oneOf'].filter(isSchema) : [];
  return {
    ...Object.fromEntries(KEPT.flatMap((key) => (key in schema ? [[key, schema[key]]] : []))),
    ...('defaultSnippets' in schema || 'default' in schema && !('enum' in schema) ? {} : snippets(schema)),
    ...(isSchema(schema['properties']) ? { properties: mapped(schema['properties']) } : {}),
    ...(isSchema(schema['items']) ? { items: completionSchema(schema['items']) } : {}),
    ...(Array.isArray(schema['anyOf']) ? { anyOf: schema['anyOf'].filter(isSchema).map(completionSchema) } : {}),
    ...(choices.length > 0 ? byKind(choices) : {}),
  };
}

const mapped = (properties: Schema): Schema => Object.fromEntries(Object.entries(properties).flatMap(([key, value]) => (isSchema(value) ? [[key, completionSchema(value)]] : [])));

/** What is offered as the value: a type or a list of values would also be held against what stands there. */
function snippets({ type, enum: values, enumDescriptions: words, const: only }: Schema): Schema {
  const all: unknown[] = Array.isArray(values) ? values : only !== undefined ? [only] : type === 'boolean' ? [true, false] : type === 'object' ? [{}] : type === 'array' ? [[]] : [];
  if (all.length === 0) return {};
  const descriptions: unknown[] = Array.isArray(words) ? words : [];
  return { defaultSnippets: all.map((body, i) => ({ label: JSON.stringify(body), ...(typeof descriptions[i] === 'string' ? { description: descriptions[i] } : {}), body })) };
}

/** Alternatives told apart by their `kind`: the keys of one are offered once it is there. */
function byKind(choices: readonly Schema[]): Schema {
  const kinds = choices.map((choice) => ((choice['properties'] as Record<string, Schema>)['kind']!)['const']);
  return {
    properties: { kind: snippets({ enum: kinds }) },
    allOf: choices.map((choice, i) => {
      const { kind: _, ...others } = choice['properties'] as Record<string, unknown>;
      return { if: { properties: { kind: { const: kinds[i] } }, required: ['kind'] }, then: { properties: mapped(others) } };
    }),
  };
}
