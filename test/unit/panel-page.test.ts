import fc from 'fast-check';
import { expect, test } from 'vitest';
import { SigdegError } from '../../src/core/errors';
import { panelError } from '../../src/extension/panel/error-reply';
import { pageHtml } from '../../src/extension/panel/page-html';
import { pageMessage, requestId } from '../../src/extension/panel/page-message';
import { csvRows, csvText } from '../../src/report/csv-text';

test('the page allows its one script and its styles, and nothing else', () => {
  const html = pageHtml({ script: 'https://x/panel.js?a&"b', style: 'https://x/panel.css', cspSource: 'https://x', nonce: 'n0nce' });
  const policy = /content="([^"]*)"/.exec(html)![1]!;
  expect(policy).toBe("default-src 'none'; script-src 'nonce-n0nce'; style-src https://x 'nonce-n0nce'; font-src https://x; base-uri 'none'; form-action 'none'");
  expect(html.match(/<script/g)!.length).toBe(1);
  expect(html).toContain('src="https://x/panel.js?a&amp;&quot;b"');
  expect(html).not.toMatch(/ on\w+=| style=|unsafe|<style/);
  expect(pageHtml({ script: 'x', style: null, cspSource: 'x', nonce: 'y' })).not.toContain('stylesheet');
});

test('messages of the page are understood, anything else is not', () => {
  const series = { kind: 'series', runs: ['a'], range: [0, 5], buckets: 10, smoothing: 0 };
  const png = { kind: 'export', format: 'png', name: 'x', bytes: new Uint8Array(4) };
  for (const good of [
    { type: 'ready', protocol: 1, runs: [], tab: null }, { type: 'resync', have: 3 }, { type: 'select', runs: ['a'] }, { type: 'cancel', id: 1 },
    { type: 'request', id: 1, ask: series }, { type: 'request', id: 2, ask: png }, { type: 'request', id: 3, ask: { kind: 'command', command: 'distill', run: null } },
  ]) expect(pageMessage(good)).toBe(good);
  for (const bad of [
    null, 'ready', { type: 'constructor' }, { type: 'ready', protocol: 1, runs: [1], tab: null }, { type: 'request', id: 1, ask: { ...series, range: [0, NaN] } }, { type: 'request', id: 1, ask: null },
    { type: 'request', id: 1, ask: { kind: 'command', command: 'workbench.action.quit', run: null } }, { type: 'request', id: 1, ask: { kind: 'toString' } }, { type: 'request', id: 1, ask: { ...png, bytes: 'x' } },
    { type: 'request', id: 1, ask: { kind: 'control', run: 'a', wish: 'delete' } },
  ]) expect(pageMessage(bad)).toBeUndefined();
  expect(requestId({ type: 'request', id: 7, ask: { kind: 'new' } })).toBe(7);
  fc.assert(fc.property(fc.anything(), (value) => { pageMessage(value); }));
});

test('cells survive a CSV text, none of it is a formula, and what was made safe stays as it is', () => {
  const cell = fc.oneof(fc.string(), fc.constantFrom('=1+1', '@SUM(A1)', '-1e3', '+cmd|x', '\tx', 'a"b', 'a,b', 'x\ny', '', ' '), fc.double({ noNaN: true }).map(String));
  fc.assert(fc.property(fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 5 }), (rows) => {
    const read = csvRows(csvText(rows));
    expect(read.length).toBe(rows.length);
    read.flat().forEach((text, i) => {
      const original = rows.flat()[i]!;
      expect([original, `'${original}`]).toContain(text);
      if (/^[=+\-@\t\r\n]/.test(text)) expect(Number.isNaN(Number(text))).toBe(false);
    });
    expect(csvText(read)).toBe(csvText(csvRows(csvText(read))));
  }));
  expect(csvText([['a', 1.5, null, -2, true, '=HYPERLINK("x")']])).toBe('a,1.5,,-2,true,"\'=HYPERLINK(""x"")"\r\n');
});

test('errors are told without a stack; a bug points to the log', () => {
  expect(panelError(new SigdegError('NOT_FOUND', 'gone\n\u001b[2J'), { kind: 'flow', flow: 'x' })).toMatchObject({ code: 'NOT_FOUND', message: 'gone\\u000a\\u001b[2J', action: { title: 'Evaluate…' } });
  expect(panelError(new TypeError('x is undefined'))).toMatchObject({ code: 'INTERNAL', action: { ask: { kind: 'command', command: 'open-log' } } });
  expect(panelError('text')).toMatchObject({ code: 'INTERNAL' });
});
