/**
 * All controls of the page. What Microsoft's toolkit has comes from there, through this file alone, so that a successor takes over in one place; sliders and
 * groups of choices, which it has not, are the browser's own.
 */
import { provideVSCodeDesignSystem, vsCodeButton, vsCodeCheckbox, vsCodeDropdown, vsCodeOption } from '@vscode/webview-ui-toolkit';
import { freshId, h, setAttributes } from './dom';

export function startControls(): void {
  provideVSCodeDesignSystem().register(vsCodeButton(), vsCodeCheckbox(), vsCodeDropdown(), vsCodeOption());
}

export interface Control<T> {
  readonly element: HTMLElement;
  /** Shows a value without telling anybody. */
  set(value: T): void;
}

interface ButtonOptions {
  readonly appearance?: 'primary' | 'secondary' | 'icon';
  /** A longer name for those who hear it and for the tooltip. */
  readonly name?: string;
  readonly disabled?: string | null;
}

/** `disabled`: why it cannot be pressed. */
export function button(title: string, onClick: () => void, { appearance = 'secondary', name, disabled = null }: ButtonOptions = {}): HTMLElement {
  const element = document.createElement('vscode-button');
  setAttributes(element, { appearance, 'aria-label': name ?? null, title: disabled ?? name ?? null, disabled: disabled !== null });
  element.append(title);
  element.addEventListener('click', () => { if (!element.hasAttribute('disabled')) onClick(); });
  return element;
}

/** Shapes on a 16 × 16 field. */
const ICONS = { stop: 'M4 4h8v8H4z', pause: 'M4 3h3v10H4zM9 3h3v10H9z', resume: 'M4 3l9 5-9 5z', open: 'M2 3h5l1.5 2H14v8H2zM3 6v6h10V6z', minus: 'M3 7.4h10v1.2H3z', plus: 'M3 7.4h4.4V3h1.2v4.4H13v1.2H8.6V13H7.4V8.6H3z', fit: 'M2 2h5v1.2H3.2V7H2zM9 2h5v5h-1.2V3.2H9zM2 9h1.2v3.8H7V14H2zM12.8 9H14v5H9v-1.2h3.8z' } as const;

export function iconButton(icon: keyof typeof ICONS, name: string, onClick: () => void, disabled: string | null = null): HTMLElement {
  const element = button('', onClick, { appearance: 'icon', name, disabled });
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  setAttributes(svg, { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true' });
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  setAttributes(path, { d: ICONS[icon], fill: 'currentColor', 'fill-rule': 'evenodd' });
  svg.append(path);
  element.append(svg);
  return element;
}

export function checkbox(label: string, checked: boolean, onChange: (checked: boolean) => void): Control<boolean> {
  const element = document.createElement('vscode-checkbox') as HTMLElement & { checked: boolean };
  element.append(label);
  let silent = false;
  const set = (value: boolean): void => {
    silent = true;
    element.checked = value;
    setAttributes(element, { checked: value });
    silent = false;
  };
  set(checked);
  element.addEventListener('change', () => { if (!silent) onChange(element.checked); });
  return { element, set };
}

export interface Option<T extends string> { readonly value: T; readonly label: string }

export interface Choice<T extends string> extends Control<T> {
  setOptions(options: readonly Option<T>[], value: T): void;
}

/** A drop-down with its label before it. */
export function choice<T extends string>(label: string, options: readonly Option<T>[], value: T, onChange: (value: T) => void): Choice<T> {
  const id = freshId('choice');
  const holder = h('div', { class: 'control' }, h('label', { id: `${id}-label`, class: 'control-label' }, label));
  let shown = '';
  const build = (given: readonly Option<T>[], selected: T): void => {
    const key = JSON.stringify([given, selected]);
    if (key === shown) return;
    shown = key;
    // Built anew: the toolkit's own element loses its selection when options change under it.
    holder.querySelector('vscode-dropdown')?.remove();
    const dropdown = document.createElement('vscode-dropdown') as HTMLElement & { value: string };
    setAttributes(dropdown, { 'aria-label': label, id });
    for (const { value: v, label: l } of given) {
      const option = document.createElement('vscode-option');
      setAttributes(option, { value: v, selected: v === selected });
      option.append(l);
      dropdown.append(option);
    }
    dropdown.addEventListener('change', () => {
      if (!given.some((option) => option.value === dropdown.value)) return;
      shown = JSON.stringify([given, dropdown.value]);
      onChange(dropdown.value as T);
    });
    holder.append(dropdown);
  };
  let current = options;
  build(options, value);
  return { element: holder, set: (v) => { build(current, v); }, setOptions: (next, v) => { current = next; build(next, v); } };
}

/** A few exclusive choices side by side: radio buttons that look like one bar. */
export function segmented<T extends string>(label: string, options: readonly Option<T>[], value: T, onChange: (value: T) => void): Control<T> {
  const name = freshId('segment');
  const inputs = options.map((option) => {
    const input = h('input', { type: 'radio', name, value: option.value });
    input.addEventListener('change', () => { if (input.checked) onChange(option.value); });
    return input;
  });
  const element = h('fieldset', { class: 'segmented' }, h('legend', { class: 'unseen' }, label),
    ...options.map((option, i) => h('label', {}, inputs[i]!, h('span', {}, option.label))));
  const set = (v: T): void => { for (const input of inputs) input.checked = input.value === v; };
  set(value);
  return { element, set };
}

export interface SliderOptions {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** What the position means: `0.9`, `step 12 000`. */
  readonly text: (value: number) => string;
}

export interface Slider extends Control<number> {
  setRange(min: number, max: number): void;
}

export function slider(label: string, { min, max, step, text }: SliderOptions, value: number, onInput: (value: number) => void): Slider {
  const id = freshId('slider');
  const input = h('input', { type: 'range', id, min, max, step });
  const output = h('output', { for: id });
  const tell = (): void => {
    const words = text(Number(input.value));
    output.textContent = words;
    input.setAttribute('aria-valuetext', words);
    // The filled part of the track.
    const [low, high] = [Number(input.min), Number(input.max)];
    input.style.setProperty('--filled', `${high > low ? (100 * (Number(input.value) - low)) / (high - low) : 0}%`);
  };
  const set = (v: number): void => { input.value = String(v); tell(); };
  input.addEventListener('input', () => { tell(); onInput(Number(input.value)); });
  set(value);
  return {
    element: h('div', { class: 'control slider' }, h('label', { for: id, class: 'control-label' }, label), input, output),
    set,
    setRange: (low, high) => { setAttributes(input, { min: low, max: high }); tell(); },
  };
}
