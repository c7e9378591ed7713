// What the tests stand on: a server with the world of `make demo`, tokens of its people, the built page, a browser.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

/** The people of the demo, by the subject of their login. */
export const OWNER = 'dunnoway-foods.owner';
export const APPROVER = 'dunnoway-foods.approver-1';
export const BUYER = 'dunnoway-foods.buyer-50011';

const SERVER = process.env.QUARTERMASTER_URL ?? 'http://127.0.0.1:8080';
const PROGRAM = process.env.QUARTERMASTER_BINARY ?? '../../target/debug/quartermaster';
const BROWSER = process.env.CHROMIUM ?? '/usr/bin/chromium';
// Pictures of every state, for people to look at: `SCREENSHOTS=1 npm test`.
const PICTURES = process.env.SCREENSHOTS === undefined ? undefined : 'test/screenshots';

/** A token of somebody, as `quartermaster token` makes it (it finds the key in QUARTERMASTER_DEVELOPMENT_ISSUER_FOLDER). */
export function token(subject) {
  const env = { ...process.env, QUARTERMASTER_ENVIRONMENT: 'development' };
  return execFileSync(PROGRAM, ['token', subject], { env, encoding: 'utf8' }).trim();
}

/** What the server says to somebody, past the page. */
export async function ask(subject, query, variables = {}) {
  const headers = { authorization: `Bearer ${token(subject)}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ query, variables });
  const answer = await (await fetch(`${SERVER}/graphql`, { method: 'POST', headers, body })).json();
  assert.equal(answer.errors, undefined, JSON.stringify(answer));
  return answer.data;
}

/** A new order of somebody like the newest one there is; waits for approval unless it is to be a draft. */
export async function order(subject, note, submit = true) {
  const looked = await ask(
    subject,
    '{ purchaseOrders(first: 1) { nodes { supplier { id } location { id } lines(first: 2) { nodes { item { id } } } } } }',
  );
  const like = looked.purchaseOrders.nodes[0];
  const lines = like.lines.nodes.map((line) => ({ itemId: line.item.id, quantity: '6', unitPrice: '3.81' }));
  const input = { submit, order: { supplierId: like.supplier.id, locationId: like.location.id, note, lines } };
  const made = await ask(
    subject,
    'mutation($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) { purchaseOrder { id number } userErrors { message } } }',
    { input },
  );
  assert.deepEqual(made.purchaseOrderCreate.userErrors, []);
  return made.purchaseOrderCreate.purchaseOrder;
}

/** The built page behind Vite's proxy, and a browser. */
export async function stage() {
  assert.ok(existsSync(BROWSER), `There is no browser at ${BROWSER}: apt-get install chromium, or say where in CHROMIUM.`);
  const site = await preview({ preview: { port: 0, strictPort: false }, logLevel: 'error' });
  const url = site.resolvedUrls.local[0];
  const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
  args.push('--disable-component-update', '--disable-sync');
  const browser = await chromium.launch({ executablePath: BROWSER, args });
  return {
    /** A window of its own, as wide as a desk's or a phone's. */
    async window(width = 1280) {
      const context = await browser.newContext({ viewport: { width, height: 800 }, locale: 'en-US', timezoneId: 'UTC' });
      const page = await context.newPage();
      page.on('pageerror', (error) => assert.fail(`the page threw: ${error.stack}`));
      await page.goto(url);
      return page;
    },
    async end() {
      await browser.close();
      await site.close();
    },
  };
}

/** Comes in through the form. */
export async function signIn(page, subject) {
  await page.getByLabel('Access token').fill(token(subject));
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('status').filter({ hasText: / of \d+|No orders/ }).waitFor();
}

/** Opens an order of the list. */
export async function open(page, number) {
  await page.getByRole('button', { name: number }).click();
  await page.getByRole('dialog').getByRole('heading', { name: number }).waitFor();
}

/** Keeps a picture of the page at both widths, if somebody wants one. */
export async function picture(page, name) {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  const size = page.viewportSize();
  for (const width of [1280, 390]) {
    await page.setViewportSize({ width, height: 800 });
    await page.screenshot({ path: `${PICTURES}/${name}-${width}.png` });
  }
  await page.setViewportSize(size);
}
