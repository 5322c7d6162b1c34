/** The panel inside VS Code: the host's page has an element `app` and loads this. */
import { startPanel } from './app';
import { vscodeHost } from './host';

startPanel(document.getElementById('app')!, vscodeHost());
