/** Names of what the test of an imported teacher finds: one event of each a noise level, whose step is the training step. */
export const TEST_EVENTS = { error: 'import-test.error', linear: 'import-test.linear', logSnr: 'import-test.log-snr' } as const;
