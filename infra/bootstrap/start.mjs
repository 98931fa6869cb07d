// `npm start -- <args>` is `vamg <args>`: makes this machine ready, then runs the command in this very process.
// Imports nothing but the version check, so that an old Node gets a sentence and not a syntax error.
import { requireNode } from './node-version.mjs';

requireNode();
import('./run.mjs').then(function (module) {
  return module.main(process.argv.slice(2));
});
