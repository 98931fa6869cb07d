import { DefaultLogger, Runtime } from '@temporalio/worker';

let isQuiet = false;

/** Only errors of Temporal's runtime are logged from here on. It may be installed once in a process. */
export function quietRuntime(): void {
  if (!isQuiet) Runtime.install({ logger: new DefaultLogger('ERROR') });
  isQuiet = true;
}
