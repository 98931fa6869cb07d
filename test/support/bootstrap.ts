import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const FOLDER = path.join(__dirname, '../../infra/bootstrap');

/**
 * Call an exported function of a bootstrap module once per argument list and get its answers, as JSON has them
 * (undefined becomes null). Runs in a plain Node, as the bootstrap does: Jest cannot load ES modules.
 */
export function callBootstrap(module: string, name: string, calls: readonly (readonly unknown[])[], env: NodeJS.ProcessEnv = {}): unknown[] {
  const url = pathToFileURL(path.join(FOLDER, module)).href;
  const script = `const m = await import(${JSON.stringify(url)});
    const answers = [];
    for (const args of ${JSON.stringify(calls)}) answers.push((await m[${JSON.stringify(name)}](...args)) ?? null);
    process.stdout.write(JSON.stringify(answers));`;
  return JSON.parse(runModule(script, env)) as unknown[];
}

/** Run a script as an ES module in which `load('lock.mjs')` imports a bootstrap module; returns what it printed. */
export function runModule(script: string, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(process.execPath, ['--input-type=module', '-e', withLoad(script)], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export function withLoad(script: string): string {
  return `const load = (name) => import(${JSON.stringify(`${pathToFileURL(FOLDER).href}/`)} + name);\n${script}`;
}
