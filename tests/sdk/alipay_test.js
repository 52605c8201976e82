'use strict';

// The official alipay-sdk against `doorbuster sandbox`, with every check that it has.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { AlipaySdk } = require('alipay-sdk');
const browser = require('./browser');
const { DEADLINE_MS, beijingDay, nextNumber, startWorld, strangersKeys } = require('./gateway');

const CHECKED = { validateSign: true }; // exec() does not look at signatures unless told to
// Alipay allows no /, = or & in a subject. checkNotifySign decodes values once more, which a % does not survive:
// that is what checkNotifySignV2 is for.
const SUBJECT = '咖啡豆 500g "精选" + 1';
const SUBJECT_FOR_V2 = '咖啡豆 100%';

let world;
before(async () => { world = await startWorld(); });
after(() => world?.stop());

// What both modes share.
function common() {
  const { gateway } = world;
  return {
    appId: gateway.names('alipay').app_id,
    privateKey: gateway.read('alipay', 'app_private_key.pem'),
    keyType: 'PKCS8',
    gateway: `${gateway.origin}/sandbox/alipay/gateway.do`,
    timeout: DEADLINE_MS,
  };
}

function withPublicKey(key = world.gateway.read('alipay', 'alipay_public_key.pem')) {
  return new AlipaySdk({ ...common(), alipayPublicKey: key });
}

function withCertificates() {
  const { gateway } = world;
  return new AlipaySdk({
    ...common(),
    gateway: `${gateway.origin}/gateway.do`, // the simulator is at Alipay's own path, too
    appCertPath: gateway.file('alipay', 'appCertPublicKey.crt'),
    alipayPublicCertPath: gateway.file('alipay', 'alipayCertPublicKey_RSA2.crt'),
    alipayRootCertPath: gateway.file('alipay', 'alipayRootCert.crt'),
  });
}

function terms(number, subject = SUBJECT) {
  return {
    notifyUrl: world.listener.url,
    returnUrl: 'https://shop.example/back?from=alipay',
    bizContent: { outTradeNo: number, totalAmount: '88.80', subject, productCode: 'FAST_INSTANT_TRADE_PAY' },
  };
}

function ask(sdk, method, bizContent) {
  return sdk.exec(`alipay.${method}`, { bizContent }, CHECKED);
}

function parametersOf(form) {
  return Object.fromEntries(new URLSearchParams(form));
}

async function nextNotification() {
  const { headers, body } = await world.listener.next();
  assert.match(headers['content-type'], /^application\/x-www-form-urlencoded/);
  return parametersOf(body);
}

// What the SDK's checks say of it; both must say the same where both can be used.
function isProved(sdk, parameters) {
  const proved = sdk.checkNotifySignV2(parameters);
  if (parameters.subject !== SUBJECT_FOR_V2) assert.equal(sdk.checkNotifySign(parameters), proved);
  return proved;
}

// A notification or return that Alipay signed, and that no other text or key would pass for.
function assertBelieves(sdk, parameters) {
  assert.equal(isProved(sdk, parameters), true);
  assert.equal(isProved(sdk, { ...parameters, total_amount: '0.01' }), false);
  assert.equal(isProved(withPublicKey(strangersKeys().publicKey), parameters), false);
}

// Opens the page by the form that the SDK makes.
function openByForm(sdk, number) {
  const html = sdk.pageExecute('alipay.trade.page.pay', 'POST', terms(number));
  return browser.submit(browser.formIn(html));
}

// Opens the page at the address that the SDK makes.
function openByAddress(sdk, number, subject) {
  return browser.open(sdk.pageExecute('alipay.trade.page.pay', 'GET', terms(number, subject)));
}

// Logs in and pays; then Alipay's two ways of telling it are checked.
async function pay(sdk, number, opened, subject) {
  const back = await browser.payAtCashier(opened);
  const { from, ...returned } = parametersOf(new URL(back).search);
  assert.equal(from, 'alipay');
  assert.equal(returned.out_trade_no, number);
  assertBelieves(sdk, returned);

  const told = await nextNotification();
  assertBelieves(sdk, told);
  assert.equal(told.trade_status, 'TRADE_SUCCESS');
  assert.equal(told.total_amount, '88.80');
  assert.equal(told.subject, subject);
  assert.equal(told.trade_no, returned.trade_no);
  return told.trade_no;
}

async function refund(sdk, number) {
  const first = nextNumber('R');
  const wanted = { outTradeNo: number, outRequestNo: first, refundAmount: '8.80', refundReason: '少了一袋' };
  const refunded = await ask(sdk, 'trade.refund', wanted);
  assert.equal(refunded.code, '10000', JSON.stringify(refunded));
  assert.equal(refunded.fundChange, 'Y');
  assert.equal(refunded.refundFee, '8.80');
  const again = await ask(sdk, 'trade.refund', wanted);
  assert.equal(again.fundChange, 'N');
  assert.equal(again.refundFee, '8.80');

  const told = await nextNotification();
  assertBelieves(sdk, told);
  assert.equal(told.out_biz_no, first);
  assert.equal(told.refund_fee, '8.80');

  const found = await ask(sdk, 'trade.fastpay.refund.query', { outTradeNo: number, outRequestNo: first });
  assert.equal(found.refundStatus, 'REFUND_SUCCESS');
  assert.equal(found.refundAmount, '8.80');

  const rest = await ask(sdk, 'trade.refund', { outTradeNo: number, outRequestNo: nextNumber('R'), refundAmount: '80.00' });
  assert.equal(rest.refundFee, '88.80'); // of all refunds of the trade
  assert.equal((await nextNotification()).trade_status, 'TRADE_CLOSED');
}

async function sellByForm(sdk) {
  const number = nextNumber('A');
  const unknown = await ask(sdk, 'trade.query', { outTradeNo: number });
  assert.equal(unknown.subCode, 'ACQ.TRADE_NOT_EXIST');
  const tradeNo = await pay(sdk, number, await openByForm(sdk, number), SUBJECT);
  for (const key of [{ outTradeNo: number }, { tradeNo }]) {
    const found = await ask(sdk, 'trade.query', key);
    assert.equal(found.code, '10000', JSON.stringify(found));
    assert.equal(found.tradeStatus, 'TRADE_SUCCESS');
    assert.equal(found.totalAmount, '88.80');
    assert.equal(found.tradeNo, tradeNo);
  }
}

async function sellByAddressAndRefund(sdk) {
  const number = nextNumber('A');
  const tradeNo = await pay(sdk, number, await openByAddress(sdk, number, SUBJECT_FOR_V2), SUBJECT_FOR_V2);
  await refund(sdk, number);
  assert.equal((await ask(sdk, 'trade.query', { tradeNo })).tradeStatus, 'TRADE_CLOSED');
}

async function closeUnpaid(sdk) {
  const number = nextNumber('C');
  const opened = await openByAddress(sdk, number);
  assert.equal((await ask(sdk, 'trade.close', { outTradeNo: number })).subCode, 'ACQ.TRADE_NOT_EXIST');
  const entered = await browser.logIn(opened);
  assert.equal((await ask(sdk, 'trade.query', { outTradeNo: number })).tradeStatus, 'WAIT_BUYER_PAY');
  const closed = await ask(sdk, 'trade.close', { outTradeNo: number });
  assert.equal(closed.code, '10000', JSON.stringify(closed));
  assert.equal(closed.outTradeNo, number);
  const refused = await browser.submit(browser.formIn(entered.text, entered.url));
  assert.equal(refused.status, 409);
  assert.equal((await ask(sdk, 'trade.query', { outTradeNo: number })).tradeStatus, 'TRADE_CLOSED');
}

async function fetchBill(sdk) {
  for (const billType of ['trade', 'signcustomer']) {
    const told = await ask(sdk, 'data.dataservice.bill.downloadurl.query', { billType, billDate: beijingDay() });
    assert.equal(told.code, '10000', JSON.stringify(told));
    const file = await browser.fetchBytes(told.billDownloadUrl);
    assert.equal(file.subarray(0, 4).toString('latin1'), 'PK\x03\x04');
  }
}

const MODES = [
  { name: 'in public-key mode', make: withPublicKey },
  { name: 'in certificate mode', make: withCertificates },
];
for (const { name, make } of MODES) {
  describe(`alipay-sdk ${name}`, () => {
    test('sells on the page that its form opens', () => sellByForm(make()));
    test('sells on the page at its address, and refunds', () => sellByAddressAndRefund(make()));
    test('closes a trade that is not paid', () => closeUnpaid(make()));
    test('fetches bills', () => fetchBill(make()));
  });
}

describe('the checks of alipay-sdk', () => {
  const query = (sdk) => ask(sdk, 'trade.query', { outTradeNo: 'NONE' });

  test('a key of somebody else proves no answer', async () => {
    await assert.rejects(query(withPublicKey(strangersKeys().publicKey)), /验签失败/);
  });

  for (const fault of ['answer_bad_signature', 'answer_wrong_key']) {
    test(`an answer with the fault ${fault} is refused`, async () => {
      for (const { make } of MODES) {
        await world.gateway.control({ order_faults: [{ out_trade_no: 'NONE', fault }] });
        await assert.rejects(query(make()), /验签失败/);
      }
    });
  }

  for (const fault of ['bad_signature', 'wrong_key']) {
    test(`a notification with the fault ${fault} is refused`, async () => {
      const sdk = withPublicKey();
      const number = nextNumber('F');
      await world.gateway.control({ order_faults: [{ out_trade_no: number, fault }] });
      const opened = await openByAddress(sdk, number);
      await browser.payAtCashier(opened);
      const told = await nextNotification();
      assert.equal(told.out_trade_no, number);
      assert.equal(isProved(sdk, told), false);
    });
  }

  test('a call that is signed with another key gets no answer', async () => {
    const sdk = new AlipaySdk({
      ...common(),
      privateKey: strangersKeys().privateKey,
      alipayPublicKey: world.gateway.read('alipay', 'alipay_public_key.pem'),
    });
    const refused = await sdk.exec('alipay.trade.query', { bizContent: { outTradeNo: 'NONE' } });
    assert.equal(refused.subCode, 'isv.invalid-signature');
  });
});
