import type { PanelRun } from '../../webview/protocol';

/** A finished student run as the panel lists it, with what a test says of it. */
export const panelRun = (facts: Partial<PanelRun>): PanelRun => ({
  id: 'run', kind: 'student', name: facts.id ?? 'run', experiment: 'x', state: 'done', created: '2026-01-01T00:00:00Z', step: 10, steps: 10, engine: 'wasm', depth: 3, error: null, revision: 0, ...facts,
});
