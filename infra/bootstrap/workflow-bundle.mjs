// The workflow code as one file, made once at build time so that a worker starts in milliseconds instead of seconds.
import fs from 'node:fs';
import path from 'node:path';
import { createRequire } from 'node:module';
import { BuildError } from './say.mjs';

export const BUNDLE_FILES = ['workflow-bundle.js', 'workflow-bundle.json'];
const RELATIVE_REQUIRE = /require\("(\.[^"]+)"\)/g;

/** Every module that workflows/index.ts needs at run time, as source paths; type-only imports are gone after transpiling. */
export function bundleInputs(dist) {
  const seen = new Set();
  const visit = (file) => {
    if (seen.has(file)) return;
    seen.add(file);
    const code = fs.readFileSync(path.join(dist, file), 'utf8');
    for (const [, request] of code.matchAll(RELATIVE_REQUIRE)) {
      const target = resolveModule(dist, path.posix.join(path.posix.dirname(file), request));
      if (target) visit(target);
    }
  };
  for (const entry of ['workflows/index.js', 'workflows/interceptors.js']) {
    if (fs.existsSync(path.join(dist, entry))) visit(entry);
  }
  return [...seen].sort().map((file) => file.replace(/\.js$/, '.ts'));
}

/** The bundler's report without its list of every place it looked at. */
function shorten(report) {
  const errors = report.split('\n\n').filter((part) => part.startsWith('ERROR in'));
  return (errors.length > 0 ? errors.join('\n') : report).split('\n').filter((line) => !line.startsWith('  ')).join('\n');
}

function resolveModule(dist, request) {
  const candidates = [request, `${request}.js`, `${request}/index.js`];
  return candidates.find((file) => file.endsWith('.js') && fs.existsSync(path.join(dist, file)));
}

/** Bundles from the TypeScript sources. `workflow-bundle.json` holds the build ID, the same wherever the checkout lies. */
export async function bundleWorkflows({ root, dist, key, write }) {
  const { bundleWorkflowCode } = createRequire(path.join(root, 'package.json'))('@temporalio/worker');
  const interceptors = path.join(root, 'workflows/interceptors.ts');
  const warnings = [];
  const ignore = () => {};
  const keep = (message) => void warnings.push(message);
  const logger = { log: ignore, trace: ignore, debug: ignore, info: ignore, warn: keep, error: keep };
  let code;
  try {
    ({ code } = await bundleWorkflowCode({
      workflowsPath: path.join(root, 'workflows/index.ts'),
      ...(fs.existsSync(interceptors) ? { workflowInterceptorModules: [interceptors] } : {}),
      logger,
    }));
  } catch (error) {
    throw new BuildError(`the workflow code cannot be bundled: ${shorten([error.message, ...warnings].join('\n\n'))}`, { cause: error });
  }
  write(path.join(dist, 'workflow-bundle.js'), code);
  write(path.join(dist, 'workflow-bundle.json'), `${JSON.stringify({ buildId: key.slice(0, 16), bytes: code.length })}\n`);
}
