import { existsSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, type WorkflowBundleOption } from '@temporalio/worker';

/**
 * Workflow code for a worker: the bundle that the build made, when we run from it, else bundled now from the sources.
 * @param root folder of the checkout
 */
export async function workflowBundle(root: string): Promise<WorkflowBundleOption> {
  const built = path.join(root, 'dist', 'workflow-bundle.js');
  const isBuild = __filename.startsWith(path.join(root, 'dist') + path.sep);
  if (isBuild && existsSync(built)) return { codePath: built };
  const workflows = path.join(root, 'workflows');
  const silent = (): void => undefined;
  return await bundleWorkflowCode({
    workflowsPath: path.join(workflows, 'index.ts'),
    workflowInterceptorModules: [path.join(workflows, 'interceptors.ts')],
    logger: { log: silent, trace: silent, debug: silent, info: silent, warn: silent, error: silent },
  });
}
