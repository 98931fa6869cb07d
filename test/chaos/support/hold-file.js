// Preloaded into a worker process: the first call of one function of node:fs/promises on a path that holds a text never comes back,
// and a file tells that it has begun. So a test can end the process in the middle of a step, however short that step is.
'use strict';
const { writeFileSync } = require('node:fs');
const files = require('node:fs/promises');

const { call, path, held } = JSON.parse(process.env.VAMG_HOLD_FILE);
const real = files[call];
files[call] = (...args) => {
  if (!args.some((arg) => typeof arg === 'string' && arg.includes(path))) return real(...args);
  writeFileSync(held, path);
  return new Promise(() => undefined);
};
