import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

interface Reply {
  readonly id?: number;
  readonly result?: Record<string, unknown>;
  readonly error?: { readonly message: string };
  readonly method?: string;
  readonly params?: Record<string, unknown>;
  readonly sessionId?: string;
}

export interface OpenPage {
  readonly width: number;
  readonly height: number;
  readonly colorScheme?: 'light' | 'dark';
  readonly isPhone?: boolean;
}

/** Path of a Chromium on this machine: CHROMIUM_PATH, or one of the usual names on PATH; null when there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | null {
  const named = env['CHROMIUM_PATH'];
  if (named !== undefined && named !== '') return existsSync(named) ? named : null;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('/bin/sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    } catch {
      // Not this one.
    }
  }
  return null;
}

/** A headless Chromium, spoken to in the DevTools protocol over a pipe. For tests and measurements. */
export class Chromium {
  private readonly waiting = new Map<number, { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void }>();
  private readonly listeners = new Set<(reply: Reply) => void>();
  private nextId = 1;
  private buffer = '';

  private constructor(
    private readonly child: ChildProcess,
    private readonly profile: string,
  ) {
    (child.stdio[4] as Readable).setEncoding('utf8').on('data', (data: string) => this.read(data));
    child.once('close', () => this.failAll('Chromium ended'));
  }

  static async start(path: string): Promise<Chromium> {
    const profile = await mkdtemp(join(tmpdir(), 'vamg-chromium-'));
    const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--no-first-run', '--mute-audio', '--autoplay-policy=no-user-gesture-required', '--remote-debugging-pipe', `--user-data-dir=${profile}`];
    const child = spawn(path, [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'], env: { ...process.env, HOME: profile } });
    const browser = new Chromium(child, profile);
    await new Promise<void>((resolve, reject) => {
      child.once('error', reject);
      browser.send('Browser.getVersion').then(() => resolve(), reject);
    });
    return browser;
  }

  /** ID of the browser's main process. */
  get pid(): number {
    return this.child.pid!;
  }

  send(method: string, params: Record<string, unknown> = {}, sessionId?: string): Promise<Record<string, unknown>> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      (this.child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...(sessionId !== undefined && { sessionId }) })}\0`, (error) => error && reject(error));
    });
  }

  listen(listener: (reply: Reply) => void): void {
    this.listeners.add(listener);
  }

  /** A new tab of a given size that follows the system's theme as said. */
  async open(url: string, { width, height, colorScheme = 'light', isPhone = false }: OpenPage): Promise<BrowserPage> {
    const { targetId } = (await this.send('Target.createTarget', { url: 'about:blank' })) as { targetId: string };
    const { sessionId } = (await this.send('Target.attachToTarget', { targetId, flatten: true })) as { sessionId: string };
    const page = new BrowserPage(this, sessionId, targetId);
    for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`);
    await page.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: isPhone ? 2 : 1, mobile: isPhone });
    await page.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: colorScheme }] });
    await page.goto(url);
    return page;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => (this.child.exitCode !== null || this.child.signalCode !== null ? resolve() : void this.child.once('close', () => resolve())));
    await this.send('Browser.close').catch(() => this.child.kill('SIGKILL'));
    await closed;
    await rm(this.profile, { recursive: true, force: true, maxRetries: 5 });
  }

  private read(data: string): void {
    this.buffer += data;
    for (let end = this.buffer.indexOf('\0'); end >= 0; end = this.buffer.indexOf('\0')) {
      const reply = JSON.parse(this.buffer.slice(0, end)) as Reply;
      this.buffer = this.buffer.slice(end + 1);
      const one = reply.id === undefined ? undefined : this.waiting.get(reply.id);
      if (one === undefined) for (const listener of this.listeners) listener(reply);
      else {
        this.waiting.delete(reply.id!);
        if (reply.error === undefined) one.resolve(reply.result ?? {});
        else one.reject(new Error(reply.error.message));
      }
    }
  }

  private failAll(why: string): void {
    for (const { reject } of this.waiting.values()) reject(new Error(why));
    this.waiting.clear();
  }
}

/** One tab. */
export class BrowserPage {
  /** Errors and warnings that the page or the browser said about it, and exceptions nobody caught. */
  readonly complaints: string[] = [];
  /** Addresses that the page asked for. */
  readonly requests: string[] = [];

  constructor(
    private readonly browser: Chromium,
    private readonly sessionId: string,
    private readonly targetId: string,
  ) {
    browser.listen(({ method, params, sessionId: from }) => {
      if (from !== sessionId || params === undefined) return;
      if (method === 'Runtime.exceptionThrown') this.complaints.push(JSON.stringify(params['exceptionDetails']));
      if (method === 'Runtime.consoleAPICalled' && ['error', 'warning', 'assert'].includes(String(params['type']))) this.complaints.push(JSON.stringify(params['args']));
      if (method === 'Log.entryAdded' && ['error', 'warning'].includes(String((params['entry'] as { level: string }).level))) this.complaints.push(JSON.stringify(params['entry']));
      if (method === 'Network.requestWillBeSent') this.requests.push((params['request'] as { url: string }).url);
    });
  }

  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.browser.send(method, params, this.sessionId);
  }

  async goto(url: string): Promise<void> {
    const loaded = new Promise<void>((resolve) => this.browser.listen((reply) => reply.method === 'Page.loadEventFired' && reply.sessionId === this.sessionId && resolve()));
    const { errorText } = (await this.send('Page.navigate', { url })) as { errorText?: string };
    if (errorText !== undefined) throw new Error(`${url}: ${errorText}`);
    await loaded;
  }

  /** The value of a JavaScript expression in the page; promises are waited for. */
  async evaluate<T>(expression: string): Promise<T> {
    const { result, exceptionDetails } = (await this.send('Runtime.evaluate', { expression, returnByValue: true, awaitPromise: true })) as { result: { value: T }; exceptionDetails?: { text: string; exception?: { description?: string } } };
    if (exceptionDetails !== undefined) throw new Error(exceptionDetails.exception?.description ?? exceptionDetails.text);
    return result.value;
  }

  /** Waits until an expression is true. @throws Error after the time is up */
  async until(expression: string, timeoutMs = 15_000): Promise<void> {
    const end = Date.now() + timeoutMs;
    while (!(await this.evaluate<boolean>(`Boolean(${expression})`))) {
      if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain for ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** Presses a key by its DOM name, for example "ArrowRight" or "n". */
  async press(key: string, shift = false): Promise<void> {
    const codes: Record<string, number> = { ArrowLeft: 37, ArrowUp: 38, ArrowRight: 39, ArrowDown: 40, Escape: 27, Home: 36, End: 35, Enter: 13, Tab: 9 };
    const event = { key, modifiers: shift ? 8 : 0, windowsVirtualKeyCode: codes[key] ?? key.toUpperCase().charCodeAt(0), ...(key.length === 1 && { text: key }) };
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', ...event });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', ...event });
  }

  /** Types into what has the focus. */
  async type(text: string): Promise<void> {
    await this.send('Input.insertText', { text });
  }

  async move(x: number, y: number): Promise<void> {
    await this.send('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  async click(x: number, y: number): Promise<void> {
    await this.move(x, y);
    for (const type of ['mousePressed', 'mouseReleased']) await this.send('Input.dispatchMouseEvent', { type, x, y, button: 'left', clickCount: 1 });
  }

  /** Clicks the middle of the element that a selector finds. */
  async clickOn(selector: string): Promise<void> {
    const [x, y] = await this.evaluate<[number, number]>(`(() => { const b = document.querySelector(${JSON.stringify(selector)}).getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()`);
    await this.click(x, y);
  }

  /** A picture of what is shown, as PNG (or JPEG with a quality 1..100). */
  async screenshot(jpegQuality?: number): Promise<Buffer> {
    const format = jpegQuality === undefined ? { format: 'png' } : { format: 'jpeg', quality: jpegQuality };
    const { data } = (await this.send('Page.captureScreenshot', format)) as { data: string };
    return Buffer.from(data, 'base64');
  }

  async close(): Promise<void> {
    await this.browser.send('Target.closeTarget', { targetId: this.targetId });
  }
}
