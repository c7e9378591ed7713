import { attempt, sentence, type Client, type Failure } from './client';
import { alert, h } from './dom';
import { day, money, words } from './format';
import { APPROVE, ORDER, type Order } from './operations';
import { explain } from './refusal';

interface Dialog {
  element: HTMLDialogElement;
  /** Shows an order. */
  open(id: string): void;
}

/** One order, with the button that approves it. */
export function orderDialog(client: Client, leave: (why: Failure) => void, changed: () => void): Dialog {
  const content = h('div', { className: 'content' });
  const close = h('button', { type: 'button', className: 'quiet close', onclick: () => element.close() }, 'Close');
  const element = h('dialog', {}, close, content);

  function open(id: string): void {
    element.showModal();
    void load(id);
  }

  async function load(id: string, news?: string): Promise<void> {
    content.replaceChildren(h('p', { className: 'loading' }, 'Loading …'));
    const answer = await attempt(client.ask(ORDER, { id }));
    if ('failure' in answer) return failed(answer.failure, () => void load(id, news), content);
    const order = answer.data.purchaseOrder;
    if (order === null) {
      content.replaceChildren(alert(h('p', {}, 'This order is not there, or not yours to see.')));
      return;
    }
    const end = news === undefined ? decision(order) : h('p', { className: 'done', role: 'status' }, news);
    content.replaceChildren(...heading(order), lines(order), end);
  }

  function decision(order: Order): HTMLElement {
    // Asked before doing: no button for what could never go through. A rule of segregation of duties is not one of these
    // here, because the refusal of the mutation tells more: the earlier act, and who could do it instead.
    const never = order.viewerCan.approve.refusal?.code;
    if (never === 'FORBIDDEN') return h('p', { className: 'hint' }, 'None of your roles approves orders.');
    if (never === 'INVALID_STATE') return h('p', { className: 'hint' }, 'There is nothing to approve.');
    const outcome = h('div');
    const approve = h('button', { type: 'button', className: 'primary' }, 'Approve');
    // One key for one decision of a person: if the answer gets lost, the repeat cannot approve a second time.
    const key = crypto.randomUUID();
    approve.onclick = () => void act();

    async function act(): Promise<void> {
      approve.disabled = true;
      outcome.replaceChildren(h('p', { className: 'loading' }, 'Approving …'));
      // The version that this person has read: if somebody wrote since, the answer is CONFLICT and nothing is done.
      const input = { id: order.id, expectedVersion: order.version };
      const answer = await attempt(client.ask(APPROVE, { input }, key));
      approve.disabled = false;
      if ('failure' in answer) return failed(answer.failure, () => void act(), outcome);
      const { userErrors } = answer.data.purchaseOrderApprove;
      if (userErrors.length > 0) {
        outcome.replaceChildren(...userErrors.map((error) => explain(error, () => void load(order.id))));
        return;
      }
      close.focus();
      await load(order.id, 'Approved.');
      changed();
    }

    return h('div', {}, outcome, approve);
  }

  function failed(failure: Failure, again: () => void, place: HTMLElement): void {
    if (failure.kind === 'signed-out') {
      element.close();
      return leave(failure);
    }
    const button = h('button', { type: 'button', onclick: again }, 'Try again');
    place.replaceChildren(alert(h('p', {}, sentence(failure)), button));
  }

  return { element, open };
}

function heading(order: Order): HTMLElement[] {
  const facts: [string, string][] = [
    ['State', words(order.status)],
    ['Supplier', order.supplier.legalName],
    ['For', order.location.name],
    ['Ordered', `${day(order.orderedOn)} by ${order.buyer.displayName}`],
    ['Total', money(order.totalAmount)],
  ];
  const list = facts.flatMap(([name, value]) => [h('dt', {}, name), h('dd', {}, value)]);
  const note = order.note === null ? [] : [h('p', { className: 'note' }, order.note)];
  return [h('h2', {}, order.number), ...note, h('dl', {}, ...list)];
}

function lines(order: Order): HTMLElement {
  const { nodes, totalCount } = order.lines;
  const items = nodes.map((line) => {
    const quantity = line.quantity === null ? '' : `${line.quantity.value} ${line.quantity.unit} `;
    const what = h('span', {}, line.item.name, h('small', {}, line.item.sku));
    return h('li', {}, what, h('span', { className: 'amount' }, `${quantity}× ${money(line.unitPrice)}`));
  });
  const rest = totalCount > nodes.length ? [h('li', {}, `and ${totalCount - nodes.length} more lines`)] : [];
  return h('ol', { className: 'lines' }, ...items, ...rest);
}
