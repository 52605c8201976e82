'use strict';

// `doorbuster sandbox` as a program of its own that these tests start, configure themselves by, and stop.

const assert = require('node:assert/strict');
const { spawn } = require('node:child_process');
const crypto = require('node:crypto');
const fs = require('node:fs');
const http = require('node:http');
const os = require('node:os');
const path = require('node:path');

const BINARY = process.env.DOORBUSTER_TEST_BINARY ||
  path.join(__dirname, '..', '..', 'build', 'dev', 'doorbuster');
const DEADLINE_MS = 60_000; // a bound on waiting, never a measure
// Waits a hundredth as long as documented; bills of today.
const ALWAYS = ['--time-scale', '0.01', '--bills-at-once'];
const SANITIZER_REPORT = /(ERROR|WARNING): \w+Sanitizer|: runtime error: /;

// Calls of the SDKs go to this machine, whatever proxies the caller's environment names.
for (const name of ['http_proxy', 'https_proxy', 'all_proxy']) {
  delete process.env[name];
  delete process.env[name.toUpperCase()];
}

// Ends that run the handlers of `exit`, so that no simulator stays behind.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));

// `promise`, or an error that says what did not come in time.
function inTime(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing after ${DEADLINE_MS} ms`)), DEADLINE_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

class Gateway {
  // Starts a simulator with keys of its own, in a temporary folder, on a port that is free.
  static async start(...options) {
    const gateway = new Gateway();
    gateway.data = fs.mkdtempSync(path.join(os.tmpdir(), 'doorbuster-sdk-'));
    const words = ['--data', gateway.data, 'sandbox', '--port', '0', ...ALWAYS, ...options];
    const environment = Object.fromEntries(
      Object.entries(process.env).filter(([name]) => !name.startsWith('DOORBUSTER_')),
    );
    gateway.process = spawn(BINARY, words, { env: environment, stdio: ['ignore', 'pipe', 'pipe'] });
    gateway.ended = new Promise((resolve) => gateway.process.once('close', resolve));
    // Should this program die, the simulator must not stay.
    gateway.stopNow = () => gateway.process.kill('SIGKILL');
    process.once('exit', gateway.stopNow);
    try {
      await inTime(gateway.ready(), 'the simulator');
    } catch (error) {
      await gateway.stop();
      throw error;
    }
    return gateway;
  }

  // Reads what the simulator prints until it says that it is ready.
  ready() {
    return new Promise((resolve, reject) => {
      this.output = '';
      const read = (chunk) => {
        this.output += chunk;
        const pages = this.output.match(/Pages\s+(http:\S+)\/sandbox\s/);
        if (!pages || !this.output.includes('Ready.')) return;
        this.origin = pages[1];
        resolve();
      };
      this.process.stdout.setEncoding('utf8').on('data', read);
      this.process.stderr.setEncoding('utf8').on('data', read);
      this.process.once('error', reject);
      this.process.once('close', (code) => reject(new Error(`the simulator ended with ${code}:\n${this.output}`)));
    });
  }

  async stop() {
    this.process.kill('SIGTERM');
    try {
      const code = await inTime(this.ended, 'the end of the simulator');
      assert.ok(code === 0 && !SANITIZER_REPORT.test(this.output), `the simulator ended with ${code}:\n${this.output}`);
    } finally {
      this.stopNow();
      process.removeListener('exit', this.stopNow);
      fs.rmSync(this.data, { recursive: true, force: true });
    }
  }

  // A file that the simulator made for its merchant: of `wechat_pay` or `alipay`.
  file(provider, name) {
    return path.join(this.data, 'keys', 'sandbox', provider, name);
  }

  read(provider, name) {
    return fs.readFileSync(this.file(provider, name), 'utf8');
  }

  names(provider) {
    return JSON.parse(this.read(provider, 'identity.json'));
  }

  // A request of JSON to the simulator's own routes (not the providers'); its data.
  async ask(method, target, body) {
    const answer = await fetch(this.origin + target, {
      method,
      headers: { 'Content-Type': 'application/json' },
      body: body && JSON.stringify(body),
      signal: AbortSignal.timeout(DEADLINE_MS),
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, `${method} ${target}: ${answer.status} ${text}`);
    return JSON.parse(text).data;
  }

  control(settings) {
    return this.ask('PATCH', '/sandbox/control', settings);
  }
}

// A merchant's server for notifications. Keeps what it is told as the bytes that came.
class Listener {
  static async start() {
    const listener = new Listener();
    listener.told = [];
    listener.waiting = [];
    listener.server = http.createServer((request, response) => {
      const chunks = [];
      request.on('data', (chunk) => chunks.push(chunk));
      request.on('end', () => {
        listener.take({ headers: request.headers, body: Buffer.concat(chunks).toString('utf8') });
        response.end('success'); // the letters that Alipay wants; WeChat Pay reads the status alone
      });
    });
    await new Promise((resolve) => listener.server.listen(0, '127.0.0.1', resolve));
    listener.url = `http://127.0.0.1:${listener.server.address().port}/notify`;
    return listener;
  }

  take(notification) {
    const waiter = this.waiting.shift();
    if (waiter) waiter(notification);
    else this.told.push(notification);
  }

  next() {
    if (this.told.length > 0) return Promise.resolve(this.told.shift());
    return inTime(new Promise((resolve) => this.waiting.push(resolve)), 'a notification');
  }

  stop() {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(resolve));
  }
}

let stranger;
// A pair of keys of nobody here, for checks that must fail.
function strangersKeys() {
  stranger ??= crypto.generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  return stranger;
}

// A simulator and a listener for the tests of one file.
async function startWorld(...options) {
  const gateway = await Gateway.start(...options);
  const listener = await Listener.start();
  const stop = async () => {
    await listener.stop();
    await gateway.stop();
  };
  return { gateway, listener, stop };
}

// Today, as both providers count days.
function beijingDay() {
  return new Date(Date.now() + 8 * 3_600_000).toISOString().slice(0, 10);
}

let numbers = 0;
// A number of an order or refund that was not used yet.
function nextNumber(prefix) {
  numbers += 1;
  return `${prefix}${Date.now()}${String(numbers).padStart(4, '0')}`;
}

module.exports = { DEADLINE_MS, beijingDay, nextNumber, startWorld, strangersKeys };
