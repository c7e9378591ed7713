import { alert, h } from './dom';

/** Asks for an access token. A real app would get one from the tenant's identity provider (OpenID Connect). */
export function signIn(enter: (token: string) => Promise<void>, why?: string): HTMLElement {
  const token = h('textarea', { name: 'token', rows: 5, required: true, autocomplete: 'off', spellcheck: false });
  const form = h(
    'form',
    { className: 'sign-in' },
    h('h1', {}, 'Orders'),
    why === undefined ? null : alert(h('p', {}, why)),
    h('label', {}, 'Access token', token),
    h('p', { className: 'hint' }, 'make demo prints one for each persona. Take the owner to see a refusal, the approver to approve.'),
    h('button', { type: 'submit' }, 'Sign in'),
  );
  form.onsubmit = (event) => {
    event.preventDefault();
    void enter(token.value.trim());
  };
  return h('main', {}, form);
}
