import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { request, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { main } from '../../../cli/main';
import { browserCommand } from '../../../cli/view/open-browser';
import { serveResult, type ResultServer } from '../../../cli/view/result-server';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A request exactly as written: `fetch` would tidy the path and the host first. */
function ask(server: ResultServer, target: string, { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {}): Promise<Answer> {
  const { port } = new URL(server.url);
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path: target, method, headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('latin1').on('data', (data: string) => (body += data));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }));
    });
    sent.on('error', reject).end();
  });
}

describe('vamg view', () => {
  const home = mkdtempSync(path.join(tmpdir(), 'vamg-view-'));
  const folder = path.join(home, 'result');
  let server: ResultServer;

  beforeAll(async () => {
    mkdirSync(path.join(folder, 'viewer'), { recursive: true });
    writeFileSync(path.join(folder, 'index.html'), '<p>page</p>');
    writeFileSync(path.join(folder, 'viewer', 'preview.mp4'), '0123456789');
    writeFileSync(path.join(folder, '.hidden'), 'no');
    writeFileSync(path.join(home, 'secret.txt'), 'secret');
    mkdirSync(path.join(home, 'result-2'));
    writeFileSync(path.join(home, 'result-2', 'other.txt'), 'secret');
    symlinkSync(path.join(home, 'secret.txt'), path.join(folder, 'link.txt'));
    server = await serveResult(folder);
  });
  afterAll(async () => {
    await server.close();
    rmSync(home, { recursive: true, force: true });
  });

  it('serves the page and its files, each with its type, and lets nothing in from elsewhere', async () => {
    const page = await ask(server, '/');
    expect([page.status, page.body, page.headers['content-type']]).toEqual([200, '<p>page</p>', 'text/html;charset=utf-8']);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none';/);
    expect(page.headers['x-content-type-options']).toBe('nosniff');
    expect((await ask(server, '/index.html?x=1')).status).toBe(200);
    const head = await ask(server, '/viewer/preview.mp4', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.headers['content-type'], head.body]).toEqual([200, '10', 'video/mp4', '']);
  });

  it('gives parts of the film', async () => {
    const part = await ask(server, '/viewer/preview.mp4', { headers: { Range: 'bytes=2-4' } });
    expect([part.status, part.headers['content-range'], part.body]).toEqual([206, 'bytes 2-4/10', '234']);
    expect((await ask(server, '/viewer/preview.mp4', { headers: { Range: 'bytes=7-' } })).body).toBe('789');
    expect((await ask(server, '/viewer/preview.mp4', { headers: { Range: 'bytes=99-' } })).status).toBe(416);
  });

  it('shows a result that was written again as it is now', async () => {
    const [before] = [await ask(server, '/index.html')];
    writeFileSync(path.join(folder, 'index.html'), '<p>another page</p>');
    const after = await ask(server, '/index.html', { headers: { 'If-None-Match': before.headers.etag! } });
    expect([after.status, after.body]).toEqual([200, '<p>another page</p>']);
    writeFileSync(path.join(folder, 'index.html'), '<p>page</p>');
  });

  it.each(['/../secret.txt', '/viewer/../../secret.txt', '/%2e%2e/secret.txt', '/..%2fsecret.txt', '/../result-2/other.txt', '/..\\secret.txt', '//etc/passwd', '/.hidden', '/link.txt', '/viewer', '/viewer/', '/nothing', '/%', '/index.html%00', 'http://127.0.0.1/../secret.txt'])('does not serve %s', async (target) => {
    const answer = await ask(server, target);
    expect([answer.status, answer.body]).toEqual([404, '']);
  });

  it('answers only to its own name, and only reads', async () => {
    const { port } = new URL(server.url);
    expect((await ask(server, '/', { headers: { Host: `evil.example:${port}` } })).status).toBe(403);
    expect((await ask(server, '/', { headers: { Host: `localhost:${port}` } })).status).toBe(200);
    expect((await ask(server, '/', { method: 'POST' })).status).toBe(405);
    expect((await ask(server, '/index.html', { method: 'DELETE' })).status).toBe(405);
  });

  it('says in one sentence what is wrong with a port or a folder', async () => {
    const { port } = new URL(server.url);
    await expect(serveResult(folder, Number(port))).rejects.toMatchObject({ failure: 'BadConfig', message: `Port ${port} is taken; give another one with --port, or leave it out.` });
    const said: string[] = [];
    const spy = jest.spyOn(process.stderr, 'write').mockImplementation((text) => said.push(String(text)) > 0);
    try {
      expect(await main(['view', path.join(home, 'nowhere'), '--no-open'])).toBe(2);
      writeFileSync(path.join(home, 'result-2', 'result.json'), JSON.stringify({ schemaVersion: 1, video: { id: 'v', name: 'film' }, counts: { objects: 1 } }));
      expect(await main(['view', path.join(home, 'result-2'), '--no-open'])).toBe(2);
      expect(await main(['view', folder, '--port', '70000'])).toBe(2);
    } finally {
      spy.mockRestore();
    }
    expect(said.join('')).toMatch(/is not a result folder[^]*has no page; `vamg restitch .* --viewer`[^]*whole number from 0 to 65535/);
  });

  it('opens a browser only where there is a desktop', () => {
    const url = 'http://127.0.0.1:1/';
    expect(browserCommand(url, 'linux', {})).toBeNull();
    expect(browserCommand(url, 'linux', { DISPLAY: ':0' })).toEqual(['xdg-open', url]);
    expect(browserCommand(url, 'linux', { WAYLAND_DISPLAY: 'wayland-0' })).toEqual(['xdg-open', url]);
    expect(browserCommand(url, 'linux', { DISPLAY: ':10', SSH_CONNECTION: 'a b' })).toBeNull();
    expect(browserCommand(url, 'darwin', {})).toEqual(['open', url]);
    expect(browserCommand(url, 'win32', {})![0]).toBe('rundll32');
  });
});
