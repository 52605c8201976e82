'use strict';

// wechatpay-axios-plugin against `doorbuster sandbox`. The plugin verifies every answer but downloads by itself and has
// no switch to turn that off; notifications are verified and opened with its own functions.

const assert = require('node:assert/strict');
const { after, before, describe, test } = require('node:test');
const { Aes, Formatter, Hash, Rsa, Wechatpay } = require('wechatpay-axios-plugin');
const { DEADLINE_MS, beijingDay, nextNumber, startWorld, strangersKeys } = require('./gateway');

const CLOCK_TOLERANCE_SECONDS = 300;
const DESCRIPTION = '咖啡豆 500g "精选" 100%';

// A client, and the keys that it believes by their serials or public key ids: what is added to them later counts too.
function client(world, certs, more = {}) {
  const { gateway } = world;
  const { mchid, merchant_serial: serial } = gateway.names('wechat_pay');
  const config = {
    baseURL: `${gateway.origin}/sandbox/wechat_pay/`,
    mchid,
    serial,
    privateKey: Rsa.from(`file://${gateway.file('wechat_pay', 'merchant_private_key.pem')}`, Rsa.KEY_TYPE_PRIVATE),
    certs,
    timeout: DEADLINE_MS,
    ...more,
  };
  const wxpay = new Wechatpay(config);
  return { wxpay, certs: config.certs };
}

function withPublicKey(world, key = world.gateway.read('wechat_pay', 'wechat_pay_public_key.pem')) {
  return client(world, { [world.gateway.names('wechat_pay').public_key_id]: key });
}

function order(world, number) {
  const { appid, mchid } = world.gateway.names('wechat_pay');
  return {
    appid,
    mchid,
    description: DESCRIPTION,
    out_trade_no: number,
    notify_url: world.listener.url,
    amount: { total: 100, currency: 'CNY' },
  };
}

function apiv3Key(world) {
  return world.gateway.read('wechat_pay', 'apiv3_key.txt').trim();
}

// Whether a notification is WeChat Pay's, as the plugin's documentation checks it.
function isProved({ headers, body }, certs) {
  const { 'wechatpay-timestamp': time, 'wechatpay-nonce': nonce } = headers;
  const key = certs[headers['wechatpay-serial']];
  if (!key || Math.abs(Formatter.timestamp() - Number(time)) > CLOCK_TOLERANCE_SECONDS) return false;
  return Rsa.verify(Formatter.response(time, nonce, body), headers['wechatpay-signature'], key);
}

function opened({ body }, key) {
  const { resource } = JSON.parse(body);
  assert.equal(resource.algorithm, 'AEAD_AES_256_GCM');
  return JSON.parse(Aes.AesGcm.decrypt(resource.ciphertext, key, resource.nonce, resource.associated_data));
}

// The content of a notification that no other text or key would pass for.
async function nextNotification(world, certs, type) {
  const told = await world.listener.next();
  assert.equal(isProved(told, certs), true);
  assert.equal(isProved({ ...told, body: `${told.body} ` }, certs), false);
  const serial = told.headers['wechatpay-serial'];
  assert.equal(isProved(told, { [serial]: strangersKeys().publicKey }), false);
  assert.throws(() => opened(told, '0'.repeat(32)), /unable to authenticate/);
  assert.equal(JSON.parse(told.body).event_type, type);
  return opened(told, apiv3Key(world));
}

async function create(world, wxpay, number) {
  const { status, data } = await wxpay.v3.pay.transactions.native.post(order(world, number));
  assert.equal(status, 200);
  assert.match(data.code_url, /^weixin:\/\/wxpay\/bizpayurl\?pr=/);
  return data.code_url;
}

async function query(world, wxpay, number) {
  const { mchid } = world.gateway.names('wechat_pay');
  const found = await wxpay.v3.pay.transactions.outTradeNo.$out_trade_no$.get({ params: { mchid }, out_trade_no: number });
  return found.data;
}

async function sell(world, wxpay, certs, number) {
  const codeUrl = await create(world, wxpay, number);
  assert.equal((await query(world, wxpay, number)).trade_state, 'NOTPAY');
  await world.gateway.ask('POST', '/sandbox/scan', { code_url: codeUrl });
  const told = await nextNotification(world, certs, 'TRANSACTION.SUCCESS');
  assert.equal(told.out_trade_no, number);
  assert.equal(told.trade_state, 'SUCCESS');
  assert.deepEqual(told.amount, { total: 100, payer_total: 100, currency: 'CNY', payer_currency: 'CNY' });

  const { mchid } = told;
  const byId = await wxpay.v3.pay.transactions.id.$transaction_id$.get({ params: { mchid }, transaction_id: told.transaction_id });
  assert.equal(byId.data.out_trade_no, number);
  assert.deepEqual(await query(world, wxpay, number), byId.data);
  return told;
}

async function refund(world, wxpay, certs, number) {
  const wanted = {
    out_trade_no: number,
    out_refund_no: nextNumber('R'),
    reason: '少了一袋',
    notify_url: world.listener.url,
    amount: { refund: 40, total: 100, currency: 'CNY' },
  };
  const { data: accepted } = await wxpay.v3.refund.domestic.refunds.post(wanted);
  assert.equal(accepted.status, 'PROCESSING');
  assert.equal(accepted.amount.refund, 40);
  const told = await nextNotification(world, certs, 'REFUND.SUCCESS');
  assert.equal(told.out_refund_no, wanted.out_refund_no);
  assert.equal(told.refund_status, 'SUCCESS');
  const { data: found } = await wxpay.v3.refund.domestic.refunds.$out_refund_no$.get({ out_refund_no: wanted.out_refund_no });
  assert.equal(found.status, 'SUCCESS');
  assert.equal(found.refund_id, accepted.refund_id);
  assert.equal((await query(world, wxpay, number)).trade_state, 'REFUND');
}

async function closeUnpaid(world, wxpay) {
  const number = nextNumber('C');
  const codeUrl = await create(world, wxpay, number);
  const { mchid } = world.gateway.names('wechat_pay');
  const closed = await wxpay.v3.pay.transactions.outTradeNo.$out_trade_no$.close.post({ mchid }, { out_trade_no: number });
  assert.equal(closed.status, 204);
  assert.equal((await query(world, wxpay, number)).trade_state, 'CLOSED');
  await assert.rejects(world.gateway.ask('POST', '/sandbox/scan', { code_url: codeUrl }), /409/);
}

// The address is signed, the file is not; its hash is what proves it.
async function fetchBill(wxpay, asked) {
  const base = wxpay.client.v3.defaults.baseURL.replace(/\/$/, '');
  const { data: told } = await asked;
  assert.equal(told.hash_type, 'SHA1');
  const { origin, pathname, searchParams } = new URL(told.download_url);
  assert.equal(`${origin}${pathname}`, new URL('v3/billdownload/file', `${base}/`).href);
  const params = { token: searchParams.get('token') };
  const file = await wxpay.v3.billdownload.file.get({ params, responseType: 'arraybuffer' });
  assert.equal(Hash.sha1(file.data), told.hash_value);
  return Formatter.castCsvBill(file.data);
}

async function fetchBills(world, wxpay, certs) {
  const number = nextNumber('W');
  const { transaction_id: id } = await sell(world, wxpay, certs, number);
  const params = { bill_date: beijingDay() };
  const trades = await fetchBill(wxpay, wxpay.v3.bill.tradebill.get({ params }));
  const trade = trades.rows.find((row) => Object.values(row).includes(number));
  assert.ok(trade, `no row of ${number}`);
  assert.equal(trade['微信订单号'], id);
  assert.equal(trade['订单金额'], '1.00');
  assert.ok(Number(trades.summary['总交易单数']) >= 1);
  const funds = await fetchBill(wxpay, wxpay.v3.bill.fundflowbill.get({ params }));
  assert.ok(funds.rows.some((row) => row['微信支付业务单号'] === id));
  assert.equal(Number(funds.summary['资金流水总笔数']), funds.rows.length);
}

// The plugin knows no certificate at first: it opens those of the answer and then verifies the answer with them.
async function withCertificates(world) {
  // The simulator answers at WeChat Pay's own paths, too.
  const { wxpay, certs } = client(world, { none: undefined }, { baseURL: world.gateway.origin });
  const take = (text) => {
    for (const { serial_no: serial, encrypt_certificate: sealed } of JSON.parse(text).data) {
      certs[serial] = Aes.AesGcm.decrypt(sealed.ciphertext, apiv3Key(world), sealed.nonce, sealed.associated_data);
    }
    return text;
  };
  const { data } = await wxpay.v3.certificates.get({
    transformResponse: [take, ...wxpay.client.v3.defaults.transformResponse],
  });
  assert.ok(data.data.length > 0);
  return { wxpay, certs };
}

const MODES = [
  { name: 'in public-key mode', options: [], make: withPublicKey },
  { name: 'with platform certificates', options: ['--platform-certificates'], make: withCertificates },
];
for (const { name, options, make } of MODES) {
  describe(`wechatpay-axios-plugin ${name}`, () => {
    let world;
    let wxpay;
    let certs;
    before(async () => {
      world = await startWorld(...options);
      ({ wxpay, certs } = await make(world));
    });
    after(() => world?.stop());

    test('sells, queries and refunds', async () => {
      const number = nextNumber('W');
      await sell(world, wxpay, certs, number);
      await refund(world, wxpay, certs, number);
    });
    test('closes an order that is not paid', () => closeUnpaid(world, wxpay));
    test('fetches bills that are what their hash says', () => fetchBills(world, wxpay, certs));
    test('tells an order that there is not from a failure', async () => {
      await assert.rejects(query(world, wxpay, 'NONE1'), (error) => {
        assert.equal(error.response.status, 404);
        assert.equal(error.response.data.code, 'ORDER_NOT_EXIST');
        return true;
      });
    });
    test('refuses answers that are not signed as they must be', () => refuseAnswers(world, wxpay));
    test('refuses notifications that are not signed as they must be', () => refuseNotifications(world, wxpay, certs));
  });
}

// The faults of answers and the plugin's names for what it finds.
const BAD_ANSWERS = {
  answer_bad_signature: 'EV3_RES_HEADER_SIGNATURE_DIGEST',
  answer_wrong_key: 'EV3_RES_HEADER_SIGNATURE_DIGEST',
  answer_signature_probe: 'EV3_RES_HEADER_SIGNATURE_DIGEST',
  answer_stale_timestamp: 'EV3_RES_HEADER_TIMESTAMP_OFFSET',
  answer_unknown_serial: 'EV3_RES_HEADER_PLATFORM_SERIAL',
};

async function refuseAnswers(world, wxpay) {
  for (const [fault, code] of Object.entries(BAD_ANSWERS)) {
    const number = nextNumber('F');
    await world.gateway.control({ order_faults: [{ out_trade_no: number, fault }] });
    await assert.rejects(create(world, wxpay, number), { code }, fault);
    await create(world, wxpay, number); // struck once, and no harm done
  }
}

async function refuseNotifications(world, wxpay, certs) {
  for (const fault of ['bad_signature', 'wrong_key', 'signature_probe', 'stale_timestamp', 'unknown_serial']) {
    const number = nextNumber('F');
    await world.gateway.control({ order_faults: [{ out_trade_no: number, fault }] });
    const codeUrl = await create(world, wxpay, number);
    await world.gateway.ask('POST', '/sandbox/scan', { code_url: codeUrl });
    const told = await world.listener.next();
    assert.equal(opened(told, apiv3Key(world)).out_trade_no, number);
    assert.equal(isProved(told, certs), false, fault);
  }
}

describe('the checks of wechatpay-axios-plugin', () => {
  let world;
  before(async () => { world = await startWorld(); });
  after(() => world?.stop());

  test('a key of somebody else proves no answer', async () => {
    const { wxpay } = withPublicKey(world, strangersKeys().publicKey);
    await assert.rejects(create(world, wxpay, nextNumber('W')), { code: 'EV3_RES_HEADER_SIGNATURE_DIGEST' });
  });

  test('a call that is signed with another key gets no answer', async () => {
    const { public_key_id: id } = world.gateway.names('wechat_pay');
    const key = world.gateway.read('wechat_pay', 'wechat_pay_public_key.pem');
    const { wxpay } = client(world, { [id]: key }, { privateKey: strangersKeys().privateKey });
    await assert.rejects(create(world, wxpay, nextNumber('W')), (error) => {
      assert.equal(error.response.status, 401);
      assert.equal(error.response.data.code, 'SIGN_ERROR');
      assert.equal(error.response.data.detail.field, 'signature');
      return true;
    });
  });
});
