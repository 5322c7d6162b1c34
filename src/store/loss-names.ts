/** Names of the scalars that a training logs: `train.loss`, and `train.held-out.loss` for the loss of the same weights on what is never trained on. */
const HELD_OUT = '.held-out.loss';

export const trainingLoss = (phase: string): string => `${phase}.loss`;
export const heldOutLoss = (phase: string): string => `${phase}${HELD_OUT}`;
export const isLoss = (name: string): boolean => name.endsWith('.loss');
export const isHeldOutLoss = (name: string): boolean => name.endsWith(HELD_OUT);
export const isTrainingLoss = (name: string): boolean => isLoss(name) && !isHeldOutLoss(name);
