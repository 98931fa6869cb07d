import { createContext, type CliContext } from '../context';
import { fromUserFolder } from '../output/user-folder';
import type { JobRecord } from './job-record';

/** The record of a job, and a context with the store in which the job lives. @throws VamgError NotFound */
export async function recordOf(context: CliContext, id: string, out?: string): Promise<{ context: CliContext; record: JobRecord }> {
  const known = await context.records.need(id);
  const record = out === undefined ? known : { ...known, out: fromUserFolder(out) };
  const isElsewhere = known.store !== context.config.storeUrl;
  return { context: isElsewhere ? createContext({ json: context.out.isJson, store: known.store }) : context, record };
}
