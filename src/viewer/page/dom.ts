type Attributes = Readonly<Record<string, string | number | boolean | ((event: never) => void)>>;

/** One element: attributes as they are, listeners as `onclick` …, children in order. */
export function make<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    // A listener for another event than its name says would be a mistake right where it is written.
    if (typeof value === 'function') element.addEventListener(name.slice(2), value as (event: Event) => void);
    else if (typeof value === 'boolean') element.toggleAttribute(name, value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/** An element of the page by its id, which index.html is known to have. */
export function byId(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`The page has no element "${id}".`);
  return element;
}

/**
 * Gives the keys back after a click, so that the space bar pauses instead of pressing the same button again; who came
 * to a control by keyboard stays there.
 */
export function letGo(control: HTMLElement): void {
  if (!control.matches(':focus-visible')) control.blur();
}

/** `1,234` */
export function formatCount(value: number): string {
  return value.toLocaleString('en-US');
}
