/** The running job's step, rate and time left; a click shows the panel. Runs of the command line count like those of the editor. */
import * as vscode from 'vscode';
import { RunFigures } from './previews/run-figures';
import { progressText } from './progress-text';
import { isActive } from './run-filters';
import type { Services } from './services';

export function registerStatusBar({ runs, jobs }: Services): vscode.Disposable {
  const item = vscode.window.createStatusBarItem('sigdeg.job', vscode.StatusBarAlignment.Left, 10);
  item.name = 'Sig-DEG jobs';
  item.command = 'sigdeg.openPanel';
  const figures = new RunFigures();
  const draw = (): void => {
    const active = runs.all().filter(isActive);
    const waiting = jobs.all.filter(({ state }) => state === 'queued').length;
    const run = active.find(({ state }) => state === 'running') ?? active[0];
    if (run === undefined && waiting === 0) {
      item.hide();
      return;
    }
    const others = [...(active.length > 1 ? [`+${active.length - 1}`] : []), ...(waiting > 0 ? [`${waiting} waiting`] : [])].join(', ');
    const icon = run === undefined ? '$(clock)' : run.state === 'paused' ? '$(debug-pause)' : '$(sync~spin)';
    const words = run === undefined ? 'Sig-DEG' : progressText(run, figures.pace(run));
    item.text = `${icon} ${words}${others === '' ? '' : ` (${others})`}`;
    // Plain text: names come from files.
    item.tooltip = [...active.map((one) => `${one.name}: ${progressText(one, figures.pace(one))}`), ...jobs.all.filter(({ state }) => state === 'queued').map(({ title }) => `${title}: waiting`)].join('\n');
    item.accessibilityInformation = { label: `Sig-DEG: ${words}`, role: 'button' };
    item.show();
  };
  const ends = [
    runs.onChange((ids) => {
      figures.changed(ids);
      draw();
    }),
    jobs.onChange(draw),
  ];
  return vscode.Disposable.from(item, ...ends.map((dispose) => ({ dispose })));
}
