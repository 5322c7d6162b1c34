/** The editor's theme as colours for canvases, and word of its changes. In the page's own elements CSS variables do it all. */
import type { Theme } from '../src/report/theme';

const variable = (style: CSSStyleDeclaration, names: readonly string[], fallback: string): string =>
  names.map((name) => style.getPropertyValue(`--vscode-${name}`).trim()).find((value) => value !== '') ?? fallback;

export function currentTheme(): Theme {
  const style = getComputedStyle(document.body);
  const highContrast = document.body.classList.contains('vscode-high-contrast') || document.body.classList.contains('vscode-high-contrast-light');
  const ink = variable(style, ['editor-foreground', 'foreground'], '#888888');
  return {
    ink,
    muted: highContrast ? ink : variable(style, ['descriptionForeground'], ink),
    grid: faded(ink, highContrast ? 0.35 : 0.14),
    paper: variable(style, ['editor-background'], '#ffffff'),
    band: faded(ink, highContrast ? 0.28 : 0.16),
    font: variable(style, ['font-family'], 'system-ui, sans-serif'),
  };
}

/** Any CSS colour with only `alpha` of it left, in the form that chart.js reads, too. */
export function faded(colour: string, alpha: number): string {
  const context = document.createElement('canvas').getContext('2d');
  if (context === null) return colour;
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  return `rgba(${r}, ${g}, ${b}, ${alpha})`;
}

/** Calls back, once a frame at most, when the editor has changed its theme: it then rewrites the variables on <html> and the classes of <body>. */
export function onThemeChange(listener: () => void): void {
  let asked = false;
  const observer = new MutationObserver(() => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => {
      asked = false;
      listener();
    });
  });
  observer.observe(document.documentElement, { attributes: true, attributeFilter: ['style', 'class'] });
  observer.observe(document.body, { attributes: true, attributeFilter: ['class', 'style'] });
}
