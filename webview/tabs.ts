/** The tabs, after the ARIA practices: arrows, Home and End move and choose; Tab leads on into the chosen one. */
import { h } from './dom';
import type { Tab } from './protocol';

export interface Tabs {
  readonly list: HTMLElement;
  readonly panels: readonly HTMLElement[];
  choose(tab: Tab): void;
}

export function tabs(titles: Readonly<Record<Tab, string>>, onChoose: (tab: Tab) => void): Tabs {
  const names = Object.keys(titles) as Tab[];
  const heads = names.map((name) => h('button', { type: 'button', role: 'tab', id: `tab-${name}`, 'aria-controls': `panel-${name}`, tabindex: -1, 'aria-selected': 'false' }, titles[name]));
  const panels = names.map((name) => h('div', { role: 'tabpanel', id: `panel-${name}`, class: 'view', 'aria-labelledby': `tab-${name}`, hidden: true }));
  const choose = (tab: Tab): void => {
    names.forEach((name, i) => {
      const on = name === tab;
      heads[i]!.setAttribute('aria-selected', String(on));
      heads[i]!.tabIndex = on ? 0 : -1;
      panels[i]!.hidden = !on;
      if (on) heads[i]!.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    });
    onChoose(tab);
  };
  heads.forEach((head, i) => {
    head.addEventListener('click', () => { choose(names[i]!); });
    head.addEventListener('keydown', ({ key }) => {
      const to = { ArrowRight: i + 1, ArrowLeft: i - 1, Home: 0, End: names.length - 1 }[key];
      if (to === undefined) return;
      const next = (to + names.length) % names.length;
      choose(names[next]!);
      heads[next]!.focus();
    });
  });
  return { list: h('div', { role: 'tablist', 'aria-label': 'Views', class: 'tabs' }, ...heads), panels, choose };
}
