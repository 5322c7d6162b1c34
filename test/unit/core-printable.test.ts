import fc from 'fast-check';
import { expect, test } from 'vitest';
import { printable } from '../../src/core/printable';

/** Any UTF-16 unit, lone surrogates too; fast-check's own 'binary' takes seconds to set up. */
const anyUnit = fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code));

test('any text becomes one line without control codes, of bounded length', () => {
  fc.assert(fc.property(fc.string({ unit: anyUnit }), fc.nat(30), (text, longest) => {
    const shown = printable(text, longest);
    expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(shown.length).toBeLessThanOrEqual(6 * longest + 1);
  }));
});

test('ordinary text of any script stays as it is', () => {
  for (const text of ['', 'layers.0.weight', 'größe ξ 日本語 😀', "'<f4'"]) expect(printable(text)).toBe(text);
  expect(printable('a\nb\u001b[31m\u2028')).toBe('a\\u000ab\\u001b[31m\\u2028');
});

test('what is too long is cut with a sign of it', () => {
  expect(printable('abcdef', 3)).toBe('abc…');
  expect(printable('abc', 3)).toBe('abc');
});
