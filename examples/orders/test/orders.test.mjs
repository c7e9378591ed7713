import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { APPROVER, ask, BUYER, open, order, OWNER, picture, signIn, stage, token } from './stage.mjs';

let at;
before(async () => (at = await stage()));
after(() => at?.end());

const approve = (page) => page.getByRole('dialog').getByRole('button', { name: 'Approve' });

test('the orders come page by page until all are there', async () => {
  const page = await at.window();
  await signIn(page, APPROVER);
  const all = (await ask(APPROVER, '{ purchaseOrders { totalCount } }')).purchaseOrders.totalCount;
  assert.ok(all > 20, 'a world with more than a page of orders');
  await page.getByRole('combobox').selectOption('All orders');
  await page.getByText(/^20 of \d+$/).waitFor();
  await picture(page, 'all-orders');
  const more = page.getByRole('button', { name: 'Show more' });
  const rows = page.locator('tbody tr');
  while (await more.isVisible()) {
    const before = await rows.count();
    await more.click();
    await page.waitForFunction((n) => document.querySelectorAll('tbody tr').length > n, before);
    await page.getByRole('status').filter({ hasText: / of \d+/ }).waitFor();
  }
  const numbers = await page.locator('tbody button').allTextContents();
  assert.ok(numbers.length >= all, `${numbers.length} of ${all}`);
  assert.equal(new Set(numbers).size, numbers.length, 'no order twice');
});

test('whoever made an order reads why he may not approve it, and who may', async () => {
  const { number } = await order(OWNER, 'Made by the owner');
  const page = await at.window();
  await signIn(page, OWNER);
  await open(page, number);
  await picture(page, 'order');
  await approve(page).click();
  const why = page.getByRole('alert');
  await why.getByText('Somebody else has to decide').waitFor();
  const text = await why.innerText();
  assert.match(text, /You created or edited this purchase order/);
  assert.match(text, /P2P-02 \(always in force\)/);
  assert.match(text, /PO\.CREATE by you, [A-Z][a-z]{2} \d+, \d{4}/);
  assert.match(text, /Yara Marrowhurst/);
  assert.doesNotMatch(text, /Ottilie Dunmore/);
  await picture(page, 'refusal');
});

test('an approver approves, and the order leaves the list', async () => {
  const { number } = await order(BUYER, 'To be approved');
  const page = await at.window();
  await signIn(page, APPROVER);
  await picture(page, 'waiting');
  await open(page, number);
  await approve(page).click();
  await page.getByText('Approved.', { exact: true }).waitFor();
  await picture(page, 'approved');
  await page.getByRole('button', { name: 'Close' }).click();
  await page.getByRole('button', { name: number }).waitFor({ state: 'detached' });
});

test('an order that somebody changed meanwhile is loaded again, not overwritten', async () => {
  const { id, number } = await order(BUYER, 'Approved by another window');
  const page = await at.window();
  await signIn(page, APPROVER);
  await open(page, number);
  await ask(APPROVER, 'mutation($id: ID!) { purchaseOrderApprove(input: { id: $id }) { userErrors { code } } }', { id });
  await approve(page).click();
  await page.getByText('Somebody was faster').waitFor();
  await picture(page, 'conflict');
  await page.getByRole('button', { name: 'Load it again' }).click();
  await page.getByRole('dialog').getByText('Released').waitFor();
  await page.getByText('There is nothing to approve.').waitFor();
  assert.equal(await approve(page).count(), 0);
});

test('whoever has no role for it finds a sentence instead of a button', async () => {
  const { number } = await order(BUYER, 'A buyer tries');
  const page = await at.window();
  await signIn(page, BUYER);
  await open(page, number);
  await page.getByText('None of your roles approves orders.').waitFor();
  assert.equal(await approve(page).count(), 0);
  await picture(page, 'forbidden');
});

test('an answer that gets lost is asked for again with the same key, and the order is approved once', async () => {
  const { id, number } = await order(BUYER, 'The connection breaks');
  const page = await at.window();
  await signIn(page, APPROVER);
  await open(page, number);
  const keys = [];
  let lost = 0;
  await page.route('**/graphql', async (route) => {
    keys.push(route.request().headers()['idempotency-key']);
    if (lost++ > 0) return route.continue();
    // The server does it, and the answer never arrives.
    await route.fetch();
    return route.abort();
  });
  await approve(page).click();
  await page.getByText('The server cannot be reached').waitFor();
  await picture(page, 'unreachable');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Approved.', { exact: true }).waitFor();
  assert.equal(typeof keys[0], 'string');
  assert.equal(keys[0], keys[1]);
  const { purchaseOrder } = await ask(APPROVER, 'query($id: ID!) { purchaseOrder(id: $id) { approvals } }', { id });
  assert.equal(purchaseOrder.approvals, 1);
});

test('a list that cannot be loaded offers to try again', async () => {
  const page = await at.window();
  await signIn(page, APPROVER);
  await page.route('**/graphql', (route) => route.abort());
  await page.getByRole('combobox').selectOption('All orders');
  await page.getByText('The server cannot be reached').waitFor();
  await picture(page, 'list-unreachable');
  await page.unroute('**/graphql');
  await page.route('**/graphql', (route) =>
    route.fulfill({
      status: 503,
      headers: { 'retry-after': '2', 'content-type': 'application/json' },
      body: JSON.stringify({ errors: [{ message: 'Later.', extensions: { code: 'UNAVAILABLE' } }] }),
    }),
  );
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText('Try again in 2 seconds').waitFor();
  await page.unroute('**/graphql');
  await page.getByRole('button', { name: 'Try again' }).click();
  await page.getByText(/20 of \d+/).waitFor();
});

test('a slow answer shows that something is loading', async () => {
  const page = await at.window();
  let free;
  const held = new Promise((resolve) => (free = resolve));
  await signIn(page, APPROVER);
  await page.route('**/graphql', async (route) => {
    await held;
    await route.continue();
  });
  await page.getByRole('combobox').selectOption('All orders');
  await page.getByText('Loading …').waitFor();
  await picture(page, 'loading');
  free();
  await page.getByText(/20 of \d+/).waitFor();
});

test('a token that does not hold leads back to the form, and one that is good leads in', async () => {
  const page = await at.window();
  await picture(page, 'sign-in');
  await page.getByLabel('Access token').fill(`${token(BUYER)}x`);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').getByText('not valid any more').waitFor();
  await picture(page, 'refused-token');
  await signIn(page, BUYER);
  await page.reload();
  await page.getByRole('heading', { name: 'Orders' }).waitFor();
  await page.getByText('Bram Thistlegate').waitFor();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByLabel('Access token').waitFor();
  assert.equal(await page.evaluate(() => sessionStorage.length), 0);
});

test('everything works from the keyboard', async () => {
  const { number } = await order(BUYER, 'Without a mouse');
  const page = await at.window();
  const tabTo = async (name) => {
    for (let n = 0; n < 60; n += 1) {
      await page.keyboard.press('Tab');
      const here = await page.evaluate(() => document.activeElement?.textContent ?? '');
      if (here === name) return;
    }
    assert.fail(`Tab never reaches “${name}”`);
  };
  // The form has the focus from the beginning.
  await page.keyboard.insertText(token(APPROVER));
  await tabTo('Sign in');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: number }).waitFor();
  await tabTo(number);
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('heading', { name: number }).waitFor();
  await page.keyboard.press('Escape');
  await page.getByRole('dialog').waitFor({ state: 'hidden' });
  assert.equal(await page.evaluate(() => document.activeElement?.textContent), number, 'the focus is back where it was');
  await page.keyboard.press('Enter');
  await page.getByRole('dialog').getByRole('heading', { name: number }).waitFor();
  await tabTo('Approve');
  await page.keyboard.press('Enter');
  await page.getByText('Approved.', { exact: true }).waitFor();
});

test('a phone shows everything without scrolling sideways', async () => {
  const { number } = await order(OWNER, 'On a phone');
  const page = await at.window(390);
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  await signIn(page, OWNER);
  assert.ok(await fits(), 'the list');
  await open(page, number);
  await approve(page).click();
  await page.getByText('Somebody else has to decide').waitFor();
  assert.ok(await page.getByRole('dialog').evaluate((dialog) => dialog.scrollWidth <= dialog.clientWidth), 'the order');
});
