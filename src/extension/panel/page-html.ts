export interface PageParts {
  /** URLs as the webview knows them. */
  readonly script: string;
  /** null: the page brings its looks along in the script. */
  readonly style: string | null;
  /** Where the webview's own resources come from. */
  readonly cspSource: string;
  /** Fresh for every page. */
  readonly nonce: string;
}

/**
 * The panel's document. Nothing is allowed that is not named: the one script by its nonce, styles and fonts of the extension.
 * No inline script, no eval, no picture and no network: pictures are drawn from pixels. Style sheets get the nonce too, since controls bring theirs as elements; they look for it in the document's head.
 */
export function pageHtml({ script, style, cspSource, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escaped(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta property="csp-nonce" content="${nonce}">
<title>Sig-DEG</title>${style === null ? '' : `\n<link rel="stylesheet" href="${escaped(style)}" nonce="${nonce}">`}
</head>
<body>
<main id="app"></main>
<noscript>The panel needs scripts, which this editor does not allow.</noscript>
<script nonce="${nonce}" src="${escaped(script)}"></script>
</body>
</html>
`;
}

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
