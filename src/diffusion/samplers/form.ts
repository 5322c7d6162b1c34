/**
 * Linear forms: what a step adds up, written down as numbers before there is a tensor. A term is a tensor that a step has or makes, by name:
 *   carried i   what the step before left: carried 0 is the state x_n, the others its memory
 *   noise i     the step's i-th noise
 *   x0 i        the denoiser's i-th answer in this step
 */
export type Term = `${'carried' | 'noise' | 'x0'} ${number}`;

/** Σ factor × term. No factor is zero, so that which terms there are is the form's structure. */
export type Form = ReadonlyMap<Term, number>;

export const termOf = (term: Term): Form => new Map([[term, 1]]);

/** Σ factor × form; terms stand in the order in which they first come up. */
export function sum(...parts: readonly (readonly [factor: number, form: Form])[]): Form {
  const total = new Map<Term, number>();
  for (const [factor, form] of parts) for (const [term, value] of form) total.set(term, (total.get(term) ?? 0) + factor * value);
  for (const [term, value] of total) if (value === 0) total.delete(term);
  return total;
}

/** The term that a form is, where it is one term as it stands. */
export function singleTerm(form: Form): Term | undefined {
  const [first, ...others] = form;
  return first !== undefined && others.length === 0 && first[1] === 1 ? first[0] : undefined;
}
