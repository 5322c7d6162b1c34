/**
 * Text out of a file that nobody vouches for, fit for one line of a message: line breaks, terminal codes and other characters without a shape are written
 * \uXXXX, and what is longer than `longest` is cut.
 */
export function printable(text: string, longest = 80): string {
  const cut = text.length > longest ? `${text.slice(0, longest)}…` : text;
  return cut.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (shapeless) => Array.from({ length: shapeless.length }, (_, i) => `\\u${shapeless.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''));
}
