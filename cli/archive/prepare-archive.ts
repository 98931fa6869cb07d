import { realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { formatArchiveAddress, lastPartOf, parseArchiveAddress, type ArchiveAddress } from '../../adapters/archive/archive-address';
import { sha256Hex } from '../../adapters/store/hash-file';
import { archiveSpecSchema, type ArchiveSpec } from '../../contracts/archive';
import { VamgError } from '../../contracts/errors';
import { archiveKey } from '../../core/pipeline/archive-key';
import { cleanName } from '../../core/pipeline/job-id';
import type { CliContext } from '../context';
import { ensureModel, withModel } from '../job/choose-model';
import { fromUserFolder } from '../output/user-folder';
import { archiveOptions, type ArchiveFlags } from './archive-flags';

export interface PreparedArchive {
  readonly spec: ArchiveSpec;
  /** `<name of the source>-<8 hex>`: the same archive with the same options is the same run. */
  readonly id: string;
  /** The destination as the user sees it: a path, or s3://… */
  readonly out: string;
}

/** Everything about an archive that can be wrong is found here, before a server or a worker is started. @throws VamgError */
export async function prepareArchive(context: CliContext, source: string, flags: ArchiveFlags, signal: AbortSignal): Promise<PreparedArchive> {
  const from = await sourceOf(source);
  const to = destOf(context, from, flags.dest);
  const note = (text: string): void => context.out.note(text);
  const options = await withModel(archiveOptions(flags), note);
  const model = await ensureModel(options, note, signal);
  const spec = archiveSpecSchema.parse({ schemaVersion: 1, source: formatArchiveAddress(from), dest: formatArchiveAddress(to), options, model } satisfies ArchiveSpec);
  const id = `${cleanName(`${lastPartOf(from)}.x`)}-${archiveKey(spec, sha256Hex).slice(0, 8)}`;
  return { spec, id, out: to.kind === 'folder' ? to.folder : formatArchiveAddress(to) };
}

async function sourceOf(text: string): Promise<ArchiveAddress> {
  const address = parseArchiveAddress(text, 'SOURCE', fromUserFolder);
  if (address.kind === 's3') return address;
  const status = await stat(address.folder).catch((cause: NodeJS.ErrnoException) => {
    throw new VamgError('NotFound', `The folder ${text} ${cause.code === 'ENOENT' ? 'does not exist' : `cannot be read (${cause.code ?? 'unknown'})`}; check the path.`, { cause });
  });
  if (!status.isDirectory()) throw new VamgError('BadConfig', `${text} is a file; \`vamg segment\` takes one video, \`vamg archive\` a folder of them.`);
  return { kind: 'folder', folder: await realpath(address.folder) };
}

function destOf(context: CliContext, source: ArchiveAddress, dest: string | undefined): ArchiveAddress {
  if (dest !== undefined) return parseArchiveAddress(dest, '--dest', fromUserFolder);
  if (source.kind === 's3' && !context.isEmbedded) throw new VamgError('BadConfig', 'Where shall the results go? Give --dest s3://bucket/prefix, or a folder that all workers share.');
  return { kind: 'folder', folder: path.join(fromUserFolder('.'), `${lastPartOf(source)}-vamg`) };
}
