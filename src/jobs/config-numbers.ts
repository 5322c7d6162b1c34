/** The numbers that configs are made of. */
import { z } from 'zod';

/** A whole number. */
export const count = (least = 1): z.ZodInt => z.int().min(least);
export const positive = z.number().gt(0);
export const seed = z.int().min(0);
