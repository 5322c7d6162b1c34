import { z } from 'zod';

/** The keys that a schema knows at a path, for "did you mean". */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const here = schemaAt(schema, path, value);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

/** Whether a schema wants an integer at a path: a bound's message says so. */
export function wantsInteger(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): boolean {
  return schemaAt(schema, path, value) instanceof z.ZodNumberFormat;
}

/**
 * The schema at a path. Descends through defaults, optionals and lists; in a union told apart by a key, it follows what `value` has there.
 */
function schemaAt(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): z.core.$ZodType | undefined {
  const [key, ...rest] = path;
  const here = unwrap(schema, value);
  if (key === undefined) return here;
  if (here instanceof z.ZodObject) {
    const child: unknown = Object.hasOwn(here.shape, key) ? here.shape[String(key)] : undefined;
    return child instanceof z.ZodType ? schemaAt(child, rest, property(value, key)) : undefined;
  }
  return here instanceof z.ZodArray ? schemaAt(here.element, rest, property(value, key)) : undefined;
}

function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.unwrap(), value);
  if (schema instanceof z.ZodUnion && !(schema instanceof z.ZodDiscriminatedUnion)) {
    // Of several kinds of object, the one that most of the found keys belong to.
    if (schema.options.every((o) => o instanceof z.ZodObject)) {
      const known = (o: z.core.$ZodType): number => (o instanceof z.ZodObject ? Object.keys(o.shape).filter((key) => property(value, key) !== undefined).length : 0);
      return schema.options.reduce((best, o) => (known(o) > known(best) ? o : best));
    }
    // A union of one thing or a list of it: what is found says which was meant.
    const option = schema.options.find((o) => o instanceof z.ZodArray === Array.isArray(value));
    return option ?? schema;
  }
  if (schema instanceof z.ZodDiscriminatedUnion) {
    const key = schema.def.discriminator;
    const option = schema.options.find((o) => o instanceof z.ZodObject && z.safeParse(o.shape[key] as z.ZodType, property(value, key)).success);
    return option ?? schema;
  }
  return schema;
}

function property(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? (value as Record<PropertyKey, unknown>)[key] : undefined;
}
