import { readFile, stat } from 'node:fs/promises';
import { EDIT_LIMITS, editsFileSchema, wantedEditSchema, type WantedEdit } from '../../contracts/edits';
import { VamgError } from '../../contracts/errors';
import { firstIssue } from '../../contracts/first-issue';
import { fromUserFolder } from '../output/user-folder';

/** The edits of the command line. */
export const ACTIONS = ['merge', 'split', 'delete', 'rename', 'label', 'undo', 'log'] as const;
export type Action = (typeof ACTIONS)[number];

export interface EditWords {
  readonly action: Exclude<Action, 'undo' | 'log'>;
  readonly values: readonly string[];
  readonly into: string | undefined;
  readonly at: string | undefined;
}

const USAGE: Readonly<Record<Action, string>> = {
  merge: 'merge A B [C…] [--into ID]',
  split: 'split ID --at FRAME|TIME',
  delete: 'delete ID…',
  rename: 'rename OLD NEW',
  label: 'label ID "name"',
  undo: 'undo',
  log: 'log',
};

/** The action that the user named; null for none. @throws VamgError BadConfig */
export function readAction(word: string | undefined): Action | null {
  if (word === undefined) return null;
  const action = ACTIONS.find((one) => one === word);
  if (action === undefined) throw new VamgError('BadConfig', `There is no edit ${JSON.stringify(word)}; it is one of ${ACTIONS.join(', ')}.`);
  return action;
}

/** An edit from the words of the command line. @throws VamgError BadConfig */
export function readEdit({ action, values, into, at }: EditWords): WantedEdit {
  if (into !== undefined && action !== 'merge') throw new VamgError('BadConfig', `--into belongs to merge; write \`${USAGE[action]}\`.`);
  if (at !== undefined && action !== 'split') throw new VamgError('BadConfig', `--at belongs to split; write \`${USAGE[action]}\`.`);
  const counts: Record<EditWords['action'], boolean> = { merge: values.length >= 2, split: values.length === 1 && at !== undefined, delete: values.length >= 1, rename: values.length === 2, label: values.length === 2 };
  if (!counts[action]) throw new VamgError('BadConfig', `Write \`${USAGE[action]}\`.`);
  const id = values[0]!;
  switch (action) {
    case 'merge':
      return checked({ edit: 'merge', ids: values.map(number), ...(into !== undefined && { into: number(into) }) });
    case 'split':
      return checked({ edit: 'split', id: number(id), at });
    case 'delete':
      return checked({ edit: 'delete', ids: values.map(number) });
    case 'rename':
      return checked({ edit: 'rename', id: number(id), to: number(values[1]!) });
    case 'label':
      return checked({ edit: 'label', id: number(id), label: values[1]! });
  }
}

/** The edits of a file. @throws VamgError BadConfig, with the place in the file */
export async function readEditsFile(name: string): Promise<readonly WantedEdit[]> {
  const file = fromUserFolder(name);
  let value: unknown;
  try {
    if ((await stat(file)).size > EDIT_LIMITS.fileBytes) throw new VamgError('BadConfig', `--file ${name} is larger than ${EDIT_LIMITS.fileBytes >> 20} MB; give fewer edits at once.`);
    value = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if (cause instanceof VamgError) throw cause;
    throw new VamgError('BadConfig', `--file ${name} ${cause instanceof SyntaxError ? 'is not valid JSON' : 'cannot be read; check the path'}.`, { cause });
  }
  const parsed = editsFileSchema.safeParse(value);
  if (parsed.success) return parsed.data.edits;
  throw new VamgError('BadConfig', `--file ${name} cannot be used${firstIssue(parsed.error)} The form of the file is in docs/corrections.md.`, { cause: parsed.error });
}

function number(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw new VamgError('BadConfig', `${JSON.stringify(text)} is not the ID of an object; give a whole number such as 7.`);
  return Number(text);
}

function checked(value: unknown): WantedEdit {
  const parsed = wantedEditSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const names: Readonly<Record<string, string>> = { ids: 'ID', id: 'ID', into: '--into', at: '--at', to: 'NEW', label: 'name' };
  throw new VamgError('BadConfig', `${names[String(issue.path[0])] ?? 'It'} ${issue.message}.`, { cause: parsed.error });
}
