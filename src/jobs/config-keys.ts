import { z } from 'zod';

/**
 * The keys that a schema knows at a path, for "did you mean". Descends through defaults, optionals and lists; in a union told apart by a key, it follows what
 * `value` has there.
 */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[], value: unknown): string[] {
  const [key, ...rest] = path;
  const here = unwrap(schema, value);
  if (here instanceof z.ZodObject) {
    if (key === undefined) return Object.keys(here.shape);
    const child: unknown = Object.hasOwn(here.shape, key) ? here.shape[String(key)] : undefined;
    return child instanceof z.ZodType ? keysAt(child, rest, property(value, key)) : [];
  }
  if (here instanceof z.ZodArray && key !== undefined) return keysAt(here.element, rest, property(value, key));
  return [];
}

function unwrap(schema: z.core.$ZodType, value: unknown): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) return unwrap(schema.unwrap(), value);
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
