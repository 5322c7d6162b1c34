/** axe-core's verdict on the panel's page. */
import * as fs from 'node:fs';
import { createRequire } from 'node:module';
import type { PanelPage } from './panel-page';

export interface Violation {
  readonly rule: string;
  readonly impact: string;
  readonly nodes: readonly string[];
}

const SOURCE = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** @throws Error when it has checked next to nothing: the page was empty */
export async function violations(panel: PanelPage): Promise<Violation[]> {
  const frame = await panel.frame();
  // The page's policy forbids scripts from elsewhere; the debugger's are not subject to it.
  await frame.evaluate(SOURCE);
  const { passes, violations: found } = await frame.evaluate(`axe.run(document).then(({ passes, violations }) => ({
    passes: passes.length,
    violations: violations.map(({ id, impact, nodes }) => ({ rule: id, impact, nodes: nodes.map(({ html, failureSummary }) => html.slice(0, 300) + ' — ' + failureSummary) })),
  }))`) as { passes: number; violations: Violation[] };
  if (passes < 10) throw new Error(`axe-core checked only ${passes} rules: the page is empty`);
  return found;
}
