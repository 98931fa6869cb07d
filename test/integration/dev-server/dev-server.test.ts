import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isAlive } from '../../../infra/dev-server/processes';

interface Held {
  readonly child: ChildProcess;
  readonly address: string;
  readonly serverPid: number;
  readonly isOurs: boolean;
}

const describeWithServer = process.env['TEMPORAL_CLI_PATH'] === undefined ? describe.skip : describe;

describeWithServer('the shared dev server (skipped without TEMPORAL_CLI_PATH)', () => {
  let home: string;
  const children: ChildProcess[] = [];
  beforeEach(() => void (home = mkdtempSync(path.join(tmpdir(), 'vamg-home-'))));
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    rmSync(home, { recursive: true, force: true });
  });

  async function hold(binary = process.env['TEMPORAL_CLI_PATH']): Promise<Held> {
    const child = spawn(process.execPath, [path.join(__dirname, 'holder.cjs'), home], { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, TEMPORAL_CLI_PATH: binary } });
    children.push(child);
    const line = await new Promise<string>((resolve, reject) => {
      child.stdout!.setEncoding('utf8').once('data', resolve);
      child.once('exit', (code) => reject(new Error(`the holder ended with ${code}`)));
    });
    return { child, ...(JSON.parse(line) as Omit<Held, 'child'>) };
  }

  async function gone(pid: number, withinMs: number): Promise<boolean> {
    const deadline = Date.now() + withinMs;
    while (isAlive(pid) && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 100));
    return !isAlive(pid);
  }

  test('it ends when the one command that uses it is killed', async () => {
    const held = await hold();
    held.child.kill('SIGKILL');
    expect(await gone(held.serverPid, 15_000)).toBe(true);
  });

  test('a second command joins, and keeps it when the first is killed; it ends with the second', async () => {
    const [first, second] = await Promise.all([hold(), hold()]);
    expect(second.address).toBe(first.address);
    expect([first.isOurs, second.isOurs].sort()).toEqual([false, true]);
    const [owner, guest] = first.isOurs ? [first, second] : [second, first];
    owner.child.kill('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    expect(isAlive(guest.serverPid)).toBe(true);
    guest.child.stdin!.end();
    expect(await gone(guest.serverPid, 15_000)).toBe(true);
  });

  test('one that ends while it starts, as when its port was taken, is started again', async () => {
    const binary = path.join(home, 'temporal');
    writeFileSync(binary, `#!/bin/sh\nif [ ! -e "$0.tried" ]; then touch "$0.tried"; sleep 1; exit 1; fi\nexec "${process.env['TEMPORAL_CLI_PATH']}" "$@"\n`, { mode: 0o755 });
    const held = await hold(binary);
    expect(existsSync(`${binary}.tried`)).toBe(true);
    expect(held.isOurs).toBe(true);
    held.child.stdin!.end();
    expect(await gone(held.serverPid, 15_000)).toBe(true);
  });

  test('state left behind by a crash is cleaned up', async () => {
    writeFileSync(path.join(home, 'dev-server.json'), JSON.stringify({ serverPid: 999_999_999, supervisorPid: 999_999_998, port: 1 }));
    writeFileSync(path.join(home, 'dev-server.lock'), '999999997');
    const held = await hold();
    expect(held.isOurs).toBe(true);
    held.child.stdin!.end();
    expect(await gone(held.serverPid, 15_000)).toBe(true);
  });
});
