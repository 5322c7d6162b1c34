/**
 * Partial signatures: the exact summary of a Brownian motion over a coarse interval that a Sig-DEG step reads (arXiv 2508.16939).
 * `basis` has the orthonormal form that the student uses, `areas` W and H for SRK methods, `local` the orthonormal form given a few sub-steps, `reconstruction` the path
 * that the terms remember, `time-units` the covariance, Chen's relation and the Lévy areas of the literature.
 */
export { areaBasis } from './signature/areas';
export { signatureBasis, timeBasis } from './signature/basis';
export { conditionalSignature } from './signature/local';
export { expectedNoise, standardisedPath } from './signature/reconstruction';
export { joinSignatures, signatureCovariance, toWHK } from './signature/time-units';
