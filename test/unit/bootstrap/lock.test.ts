import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { runModule, withLoad } from '../../support/bootstrap';

const increment = (file: string, lock: string): string => `
  const { readFileSync, writeFileSync } = await import('node:fs');
  const { withLock } = await load('lock.mjs');
  for (let i = 0; i < 5; i++) {
    await withLock(${JSON.stringify(lock)}, { label: 'a test', pollMs: 5 }, async () => {
      const count = Number(readFileSync(${JSON.stringify(file)}, 'utf8'));
      await new Promise((resolve) => setTimeout(resolve, 10));
      writeFileSync(${JSON.stringify(file)}, String(count + 1));
    });
  }`;

function start(script: string): ReturnType<typeof spawn> {
  return spawn(process.execPath, ['--input-type=module', '-e', withLoad(script)], { stdio: ['ignore', 'pipe', 'ignore'] });
}

describe('withLock', () => {
  let folder: string;
  let lock: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lock-'));
    lock = path.join(folder, 'a.lock');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  test('lets one process in at a time', async () => {
    const file = path.join(folder, 'count');
    fs.writeFileSync(file, '0');
    const children = [1, 2, 3].map(() => start(increment(file, lock)));
    await Promise.all(children.map((child) => once(child, 'exit')));
    expect(fs.readFileSync(file, 'utf8')).toBe('15');
    expect(fs.readdirSync(folder)).toEqual(['count']);
  });

  test('is taken over from a process that was killed', async () => {
    const child = start(`
      const { withLock } = await load('lock.mjs');
      await withLock(${JSON.stringify(lock)}, { label: 'a test' }, () => new Promise(() => { process.stdout.write('held'); setInterval(() => {}, 1000); }));`);
    await once(child.stdout!, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(fs.existsSync(lock)).toBe(true);
    expect(runModule(`
      const { withLock } = await load('lock.mjs');
      console.log(await withLock(${JSON.stringify(lock)}, { label: 'a test', timeoutMs: 5000 }, async () => 'mine'));`)).toBe('mine\n');
    expect(fs.existsSync(lock)).toBe(false);
  });

  test('stays with a helper that outlives a killed owner', async () => {
    const child = start(`
      const { spawn } = await import('node:child_process');
      const { withLock } = await load('lock.mjs');
      await withLock(${JSON.stringify(lock)}, { label: 'a test' }, (alsoHeldBy) => {
        const helper = spawn('sleep', ['60'], { stdio: 'ignore' });
        alsoHeldBy(helper.pid);
        process.stdout.write(String(helper.pid));
        return new Promise(() => {});
      });`);
    const [pid] = (await once(child.stdout!, 'data')) as [Buffer];
    const attempt = `
      const { withLock } = await load('lock.mjs');
      await withLock(${JSON.stringify(lock)}, { label: 'a test', timeoutMs: 50, pollMs: 10 }, async () => console.log('mine')).catch((error) => console.log(error.name));`;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(runModule(attempt)).toBe('SetupError\n');
    process.kill(Number(pid.toString()), 'SIGKILL');
    expect(runModule(attempt)).toBe('mine\n');
  });

  test('gives up with a sentence when a living process keeps it', () => {
    const script = `
      const { withLock } = await load('lock.mjs');
      await withLock(${JSON.stringify(lock)}, { label: 'outer' }, async () => {
        await withLock(${JSON.stringify(lock)}, { label: 'inner', timeoutMs: 50, pollMs: 10 }, async () => {}).catch((error) => console.log(error.name, error.message));
      });`;
    expect(runModule(script)).toMatch(/^SetupError another process \(pid \d+\) holds .*a\.lock for inner for too long/);
  });

  test('is released when the work fails', () => {
    runModule(`
      const { withLock } = await load('lock.mjs');
      await withLock(${JSON.stringify(lock)}, { label: 'a test' }, () => { throw new Error('no'); }).catch(() => {});`);
    expect(fs.existsSync(lock)).toBe(false);
  });
});
