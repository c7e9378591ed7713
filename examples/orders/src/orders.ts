import { attempt, sentence, type Client, type Failure } from './client';
import { alert, h } from './dom';
import { day, money, words } from './format';
import { ORDERS, type OrderRow } from './operations';

interface List {
  element: HTMLElement;
  /** Begins anew with the first page. */
  reload(): void;
}

/** The orders, page by page: what waits for approval, or all of them. */
export function orderList(client: Client, leave: (why: Failure) => void, open: (id: string) => void): List {
  const which = h(
    'select',
    { onchange: () => reload() },
    h('option', { value: 'waiting' }, 'Waiting for approval'),
    h('option', { value: 'all' }, 'All orders'),
  );
  const rows = h('tbody');
  const heads = ['Number', 'Supplier', 'For', 'Ordered', 'Total', 'State'].map((text) => h('th', { scope: 'col' }, text));
  const table = h('table', {}, h('thead', {}, h('tr', {}, ...heads)), rows);
  const status = h('p', { className: 'status', role: 'status' });
  const trouble = h('div');
  const more = h('button', { type: 'button', hidden: true, onclick: () => void load() }, 'Show more');
  const label = h('label', {}, 'Show', which);
  const element = h('main', {}, h('div', { className: 'bar' }, label, status), table, trouble, more);

  // The cursor of the last row shown; and which list we are in, so that a late answer of an earlier one is dropped.
  let after: string | null = null;
  let generation = 0;

  function reload(): void {
    generation += 1;
    after = null;
    rows.replaceChildren();
    table.hidden = true;
    void load();
  }

  async function load(): Promise<void> {
    const mine = generation;
    trouble.replaceChildren();
    more.disabled = true;
    status.textContent = 'Loading …';
    const filter = which.value === 'waiting' ? { statuses: ['IN_APPROVAL' as const] } : null;
    const answer = await attempt(client.ask(ORDERS, { filter, after }));
    if (mine !== generation) return;
    more.disabled = false;
    if ('failure' in answer) {
      if (answer.failure.kind === 'signed-out') return leave(answer.failure);
      status.textContent = '';
      const again = h('button', { type: 'button', onclick: () => void load() }, 'Try again');
      trouble.replaceChildren(alert(h('p', {}, sentence(answer.failure)), again));
      return;
    }
    const { nodes, pageInfo, totalCount } = answer.data.purchaseOrders;
    const first = nodes.map((order) => row(order, open));
    rows.append(...first);
    after = pageInfo.endCursor;
    const focused = document.activeElement === more;
    more.hidden = !pageInfo.hasNextPage;
    // Whoever pressed “Show more” for the last page goes on with what came, not at the top of the page.
    if (focused && more.hidden) first[0]?.querySelector('button')?.focus();
    const shown = rows.childElementCount;
    status.textContent = shown === 0 ? 'No orders here.' : `${shown} of ${totalCount}`;
    table.hidden = shown === 0;
  }

  return { element, reload };
}

function row(order: OrderRow, open: (id: string) => void): HTMLTableRowElement {
  const button = h('button', { type: 'button', className: 'link', onclick: () => open(order.id) }, order.number);
  const badge = h('span', { className: `badge ${order.status.toLowerCase()}` }, words(order.status));
  const note = order.note === null ? null : h('small', {}, order.note);
  const cells: [string, ...(Node | string | null)[]][] = [
    ['Number', button, note],
    ['Supplier', order.supplier.legalName],
    ['For', order.location.name],
    ['Ordered', day(order.orderedOn)],
    ['Total', money(order.totalAmount)],
    ['State', badge],
  ];
  // On a phone each row is a card, and the column's name stands before the value.
  const made = cells.map(([name, ...content]) => {
    const cell = h('td', {}, ...content);
    cell.dataset['name'] = name;
    return cell;
  });
  return h('tr', {}, ...made);
}
