type Child = Node | string | null;
type Properties<Tag extends keyof HTMLElementTagNameMap> = Partial<HTMLElementTagNameMap[Tag]>;

/** An element with properties and children: `h('button', { type: 'button', onclick }, 'Approve')`. Text is never HTML. */
export function h<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  properties: Properties<Tag> = {},
  ...children: Child[]
): HTMLElementTagNameMap[Tag] {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** A message that screen readers read when it appears. */
export function alert(...children: Child[]): HTMLElement {
  return h('div', { className: 'alert', role: 'alert' }, ...children);
}
