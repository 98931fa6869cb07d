import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../output/user-folder';
import { errorsDocument } from './errors-document';
import { formatsDocument } from './formats-document';
import { optionsDocument } from './options-document';

/** Documents that are made from the code, by file name in docs/. */
export const GENERATED_DOCUMENTS: Readonly<Record<string, () => string>> = {
  'options.md': optionsDocument,
  'errors.md': errorsDocument,
  'formats.md': formatsDocument,
};

/** Write them all. */
export function generateDocuments(): void {
  const folder = path.join(packageRoot(), 'docs');
  mkdirSync(folder, { recursive: true });
  for (const [name, write] of Object.entries(GENERATED_DOCUMENTS)) writeFileSync(path.join(folder, name), write());
}

if (require.main === module) generateDocuments();
