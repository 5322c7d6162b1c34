/**
 * Exponential Adams methods: the weights ∫_0^h e^{c (u − h)} L_k(u) du of the values at some points, L_k the Lagrange polynomials through them, u = lambda − lambda_n.
 * Points at or before 0 make a predictor (Adams–Bashforth), with h among them a corrector (Adams–Moulton).
 */
export function exponentialAdams(c: number, h: number, points: readonly number[]): number[] {
  // moments[k] = ∫_0^h e^{c (u − h)} u^k du, by parts
  const moments = [-Math.expm1(-c * h) / c];
  for (let k = 1; k < points.length; k++) moments.push((h ** k - k * moments[k - 1]!) / c);
  return points.map((point, k) => {
    const others = points.filter((_, i) => i !== k);
    const scale = others.reduce((product, other) => product * (point - other), 1);
    return expanded(others).reduce((total, coefficient, power) => total + coefficient * moments[power]!, 0) / scale;
  });
}

/** The coefficients of ∏ (u − root), lowest power first. */
const expanded = (roots: readonly number[]): number[] =>
  roots.reduce((polynomial, root) => [...polynomial, 0].map((_, i) => (polynomial[i - 1] ?? 0) - root * (polynomial[i] ?? 0)), [1]);
