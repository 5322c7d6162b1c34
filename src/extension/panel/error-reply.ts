import { messageOf, SigdegError } from '../../core/errors';
import { printable } from '../../core/printable';
import type { Ask, PanelError } from '../../../webview/protocol';

const LONGEST = 600;

/** An error as the page shows it. What is no SigdegError is a bug: the log has the rest of it. */
export function panelError(error: unknown, ask?: Ask): PanelError {
  const message = printable(messageOf(error), LONGEST);
  if (!(error instanceof SigdegError)) {
    return { code: 'INTERNAL', message: `something unexpected happened: ${message}`, action: { title: 'Open log', ask: { kind: 'command', command: 'open-log', run: null } } };
  }
  return { code: error.code, message, action: actionFor(error, ask) };
}

function actionFor(error: SigdegError, ask: Ask | undefined): PanelError['action'] {
  // Pictures and flows that are missing or damaged come from an evaluation, which makes them again.
  if ((error.code === 'NOT_FOUND' || error.code === 'BAD_FILE') && (ask?.kind === 'flow' || ask?.kind === 'grid')) {
    return { title: 'Evaluate…', ask: { kind: 'command', command: 'evaluate', run: null } };
  }
  return null;
}
