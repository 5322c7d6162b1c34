/**
 * Counts the computations that are done outside of the tfjs engine (ONNX Runtime), with numbers read from it and written back. Who writes down what the engine does,
 * to replay or export it, would take those numbers for constants, and has to see whether there were any.
 */
let count = 0;

/** To be called by every such computation. */
export function leaveEngine(): void {
  count++;
}

export const departures = (): number => count;
