// Runs other programs: quietly for a question, with the last lines of their output in the error when they fail.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const running = new Set();
let watching = false;

/** A signal to the bootstrap ends what it started, then the bootstrap itself, as the shell expects (128 + number). */
function watchSignals() {
  if (watching) return;
  watching = true;
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]]) {
    process.on(signal, () => {
      if (running.size === 0) return;
      for (const child of running) child.kill(signal);
      process.exit(code);
    });
  }
}

function unwatchSignals() {
  if (running.size > 0) return;
  watching = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.removeAllListeners(signal);
}

/** The full path of a program on PATH, or undefined. */
export function findOnPath(name, env = process.env) {
  const extensions = process.platform === 'win32' ? (env.PATHEXT ?? '.EXE;.CMD').split(';') : [''];
  for (const folder of (env.PATH ?? env.Path ?? '').split(path.delimiter).filter(Boolean)) {
    for (const extension of extensions) {
      const candidate = path.join(folder, name + extension);
      try {
        fs.accessSync(candidate, fs.constants.X_OK);
        if (fs.statSync(candidate).isFile()) return path.resolve(candidate);
      } catch {
        // not here
      }
    }
  }
  return undefined;
}

/**
 * Resolves to { code, output, stdout }: never rejects for a non-zero exit, only when the program cannot be started.
 * @param {string} program
 * @param {string[]} args
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, shell?: boolean}} [options]
 */
export function run(program, args, { cwd, env, timeoutMs, shell = false } = {}) {
  return new Promise((resolve, reject) => {
    watchSignals();
    const child = spawn(program, args, { cwd, env, shell, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    running.add(child);
    let stdout = '';
    let output = '';
    const collect = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout.on('data', (chunk) => {
      stdout = (stdout + chunk).slice(0, 1_000_000);
      collect(chunk);
    });
    child.stderr.on('data', collect);
    const finish = (settle) => {
      running.delete(child);
      unwatchSignals();
      settle();
    };
    child.on('error', (error) => finish(() => reject(error)));
    child.on('close', (code, signal) => finish(() => resolve({ code: code ?? 1, signal, output, stdout })));
  });
}

/** The last lines of an output, indented, for an error message. */
export function lastLines(output, count = 12) {
  return output.trim().split('\n').slice(-count).map((line) => `  ${line}`).join('\n');
}
