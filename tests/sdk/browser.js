'use strict';

// As much of a browser as paying on a cashier takes: addresses, forms, redirects.

const assert = require('node:assert/strict');
const { DEADLINE_MS } = require('./gateway');

const ENTITIES = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function decoded(text) {
  return text.replace(/&(amp|lt|gt|quot|#39);/g, (_, name) => ENTITIES[name]);
}

function attribute(tag, name) {
  const found = tag.match(new RegExp(`\\b${name}="([^"]*)"`));
  return found ? decoded(found[1]) : '';
}

// The first form of a page, at the page's address.
function formIn(html, base) {
  const form = html.match(/<form\b[^>]*>[\s\S]*?<\/form>/);
  assert.ok(form, `a page without a form:\n${html}`);
  const fields = new URLSearchParams();
  for (const [input] of form[0].matchAll(/<input\b[^>]*>/g)) fields.append(attribute(input, 'name'), attribute(input, 'value'));
  return { action: new URL(attribute(form[0], 'action'), base).href, fields };
}

async function load(address, options) {
  const answer = await fetch(address, { ...options, signal: AbortSignal.timeout(DEADLINE_MS) });
  return { url: answer.url, status: answer.status, text: await answer.text() };
}

function open(address) {
  return load(address);
}

function submit(form) {
  return load(form.action, { method: 'POST', body: form.fields });
}

// From the cashier's first page to the one that asks to confirm the payment.
async function logIn(cashier) {
  assert.equal(cashier.status, 200, cashier.text);
  assert.match(cashier.text, /登录或扫码/);
  const form = formIn(cashier.text, cashier.url);
  form.fields.set('buyer', 'buyer2');
  const entered = await submit(form);
  assert.equal(entered.status, 200, entered.text);
  assert.match(entered.text, /确认付款/);
  return entered;
}

// Logs in and pays; the address that leads back to the shop.
async function payAtCashier(cashier) {
  const entered = await logIn(cashier);
  const paid = await submit(formIn(entered.text, entered.url));
  assert.equal(paid.status, 200, paid.text);
  const back = paid.text.match(/href="(https:\/\/shop\.example\/[^"]*)"/);
  assert.ok(back, `no way back to the shop:\n${paid.text}`);
  return decoded(back[1]);
}

async function fetchBytes(address) {
  const answer = await fetch(address, { signal: AbortSignal.timeout(DEADLINE_MS) });
  assert.equal(answer.status, 200);
  return Buffer.from(await answer.arrayBuffer());
}

module.exports = { fetchBytes, formIn, logIn, open, payAtCashier, submit };
