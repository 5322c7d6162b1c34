/** Elements in one call. Children that are strings become text, so nothing from a run is ever read as HTML. */
type Attribute = string | number | boolean | null;

/** `false` and null leave an attribute out, `true` sets it empty. `style` is refused by the page's security policy: use `element.style`. */
export function h<K extends keyof HTMLElementTagNameMap>(tag: K, attributes: Readonly<Record<string, Attribute>> = {}, ...children: readonly (Node | string | null)[]): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child !== null));
  return element;
}

export function setAttributes(element: Element, attributes: Readonly<Record<string, Attribute>>): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === false) element.removeAttribute(name);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
}

let count = 0;
/** An id that no other element has. */
export const freshId = (prefix: string): string => `${prefix}-${count++}`;

/** Calls `action` once, `ms` after the last call of what it returns. */
export function debounced(ms: number, action: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
}
