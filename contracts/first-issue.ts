import { z } from 'zod';

/** The first thing that is wrong with a value from outside, and where: " at edits[2].id: must be …". Follows "… cannot be used". */
export function firstIssue({ issues: [issue] }: z.ZodError): string {
  const place = issue!.path.length === 0 ? '' : ` at ${z.core.toDotPath(issue!.path)}`;
  return `${place}: ${issue!.message}.`;
}
