// `npm test [-- unit | workflow | replay | integration | browser | e2e | chaos | a path | Jest's own options]`
// Set-up, build, then one project after the other. The last line is `N passed, N failed`.
import { requireNode } from './node-version.mjs';

requireNode();
import('./test-run.mjs').then(function (module) {
  return module.main(process.argv.slice(2));
});
