// Runs other programs: quietly for a question, with the last lines of their output in the error when they fail.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const running = new Set();
const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

let ending = false;

/**
 * A signal to the bootstrap ends what it started, waits until that is gone (so that a lock is not released over its
 * head), then ends the bootstrap itself, as the shell expects (128 + number).
 */
function onSignal(signal) {
  if (ending) return;
  ending = true;
  const exitWhenGone = () => running.size === 0 && process.exit(EXIT_CODES[signal]);
  for (const child of running) {
    child.once('close', () => setImmediate(exitWhenGone));
    child.kill(signal);
  }
  setTimeout(() => {
    for (const child of running) child.kill('SIGKILL');
  }, 5_000);
  setTimeout(() => process.exit(EXIT_CODES[signal]), 8_000);
}

/** Listens only while something runs, so that afterwards signals belong to the program that follows. */
function track(child) {
  if (running.size === 0) for (const signal of Object.keys(EXIT_CODES)) process.on(signal, onSignal);
  running.add(child);
}

function untrack(child) {
  if (!running.delete(child) || running.size > 0 || ending) return;
  for (const signal of Object.keys(EXIT_CODES)) process.removeListener(signal, onSignal);
}

/** A set-up that fails in one step leaves nothing of another step running. */
process.on('exit', () => {
  for (const child of running) child.kill();
});

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
 * @param {{cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number, shell?: boolean, onStart?: (pid: number | undefined) => void}} [options]
 */
export function run(program, args, { cwd, env, timeoutMs, shell = false, onStart } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, shell, timeout: timeoutMs, stdio: ['ignore', 'pipe', 'pipe'], windowsHide: true });
    track(child);
    onStart?.(child.pid);
    let stdout = '';
    let output = '';
    const collect = (chunk) => (output = (output + chunk).slice(-20_000));
    child.stdout.on('data', (chunk) => {
      stdout = (stdout + chunk).slice(0, 1_000_000);
      collect(chunk);
    });
    child.stderr.on('data', collect);
    const finish = (settle) => {
      untrack(child);
      if (!ending) settle();
    };
    child.on('error', (error) => finish(() => reject(error)));
    child.on('close', (code, signal) => finish(() => resolve({ code: code ?? 1, signal, output, stdout })));
  });
}

/** Runs a program that speaks to the terminal itself, and ends this one with its exit code unless that is 0. */
export function runOrExit(program, args, options) {
  const { status, error } = spawnSync(program, args, { stdio: 'inherit', ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** The last lines of an output, indented, for an error message. */
export function lastLines(output, count = 12) {
  return output.trim().split('\n').slice(-count).map((line) => `  ${line}`).join('\n');
}
