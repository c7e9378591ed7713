import { attempt, Client, sentence, type Failure } from './client';
import { alert, h } from './dom';
import { orderDialog } from './order';
import { orderList } from './orders';
import { VIEWER } from './operations';
import { signIn } from './sign-in';

// For this tab only: a token in localStorage would outlive the visit.
const KEPT = 'quartermaster.token';
const page = document.querySelector<HTMLElement>('#app')!;

function leave(why?: Failure): void {
  sessionStorage.removeItem(KEPT);
  page.replaceChildren(signIn(enter, why === undefined ? undefined : sentence(why)));
  page.querySelector('textarea')?.focus();
}

async function enter(token: string): Promise<void> {
  page.replaceChildren(h('p', { className: 'loading' }, 'Signing in …'));
  const client = new Client(token);
  const answer = await attempt(client.ask(VIEWER, {}));
  if ('failure' in answer) {
    if (answer.failure.kind === 'signed-out') return leave(answer.failure);
    const again = h('button', { type: 'button', onclick: () => void enter(token) }, 'Try again');
    page.replaceChildren(h('main', {}, alert(h('p', {}, sentence(answer.failure)), again)));
    again.focus();
    return;
  }
  sessionStorage.setItem(KEPT, token);
  const { viewer } = answer.data;
  const list = orderList(client, leave, (id) => dialog.open(id));
  const dialog = orderDialog(client, leave, () => list.reload());
  const person = h('p', { className: 'person' }, h('strong', {}, viewer.displayName), ` ${viewer.roles.join(', ')}`);
  const out = h('button', { type: 'button', className: 'quiet', onclick: () => leave() }, 'Sign out');
  page.replaceChildren(h('header', {}, h('h1', {}, 'Orders'), person, out), list.element, dialog.element);
  list.reload();
}

const kept = sessionStorage.getItem(KEPT);
if (kept === null) leave();
else void enter(kept);
