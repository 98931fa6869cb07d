import type { Command } from 'commander';
import { lastPartOf, parseArchiveAddress } from '../../adapters/archive/archive-address';
import { VamgError } from '../../contracts/errors';
import { addArchiveFlags, archiveSettings, type ArchiveFlags } from '../archive/archive-flags';
import { prepareArchive } from '../archive/prepare-archive';
import { runArchive } from '../archive/run-archive';
import { tellReport } from '../archive/tell-report';
import { createContext, openArtefacts, type CliContext } from '../context';
import { checkJobId } from '../job/job-id';
import type { JobRecord } from '../job/job-record';
import { listenForStop } from '../job/stop-signal';
import { loadArchiveClient } from '../lazy';
import { Interrupted } from '../output/exit-error';
import { fromUserFolder } from '../output/user-folder';

const EXAMPLES = `
Every video below SOURCE is segmented once. What is done is skipped, by the content of the file and the options; a file that changed
is done again. A video that cannot be read is put in quarantine, with the reason, and left alone until its bytes change. Each run ends
with a report in DEST/archive-reports. Exit code 1 says that a video failed in this run.

Examples:
  vamg archive films                                     results in ./films-vamg, one folder per video
  vamg archive films --dest results --preset draft --max-hours 8
  vamg archive s3://films/2026 --dest s3://masks/2026    connection as for --store s3://… (VAMG_S3_ENDPOINT, AWS_*)
  vamg archive films --retry-quarantined                 after a repair

Ctrl-C stops it; the same command or \`vamg resume\` goes on. \`vamg status\`, \`watch\`, \`pause\` and \`cancel\` know it too.
Every night: \`vamg schedule create --help\`. More: docs/archive.md.`;

export function registerArchiveCommand(program: Command): void {
  const command = program.command('archive').argument('<source>', 'a folder, file:// address or s3://bucket/prefix').description('Segment every video of a folder or bucket, each once.');
  addArchiveFlags(command);
  command.option('--id <name>', 'Name of the run (default from the source and the options)').option('--detach', 'Start the run and return; needs a Temporal server of your own.');
  command.addHelpText('after', EXAMPLES).action(async (source: string, flags: ArchiveFlags & { id?: string; detach?: boolean }) => archive(source, flags));
}

async function archive(source: string, flags: ArchiveFlags & { id?: string; detach?: boolean }): Promise<void> {
  const context = createContext(flags);
  if (flags.detach === true && context.isEmbedded)
    throw new VamgError('BadConfig', '--detach needs a Temporal server that goes on without this command: set TEMPORAL_ADDRESS to yours, or leave out --detach.');
  const record = await prepare(context, source, flags);
  const report = await runArchive(context, record, { mode: 'start', isDetached: flags.detach === true });
  if (report !== null) return tellReport(context.out, record.id, record.out, report);
  context.out.json({ id: record.id, state: 'running' });
  context.out.line(`Started run ${record.id}. \`vamg watch ${record.id}\` shows it.`);
}

async function prepare(context: CliContext, source: string, flags: ArchiveFlags & { id?: string }): Promise<JobRecord> {
  const id = flags.id === undefined ? undefined : checkJobId(flags.id);
  const stop = listenForStop(() => process.exit(130));
  try {
    const prepared = await prepareArchive(context, source, flags, stop.signal);
    const { artefacts } = await openArtefacts(context);
    const input = await loadArchiveClient().archiveInput(prepared.spec, archiveSettings(flags), { artefacts, config: context.config, searchAttributes: false });
    stop.signal.throwIfAborted();
    const videoName = lastPartOf(parseArchiveAddress(prepared.spec.source, 'SOURCE'));
    return { schemaVersion: 1, id: id ?? prepared.id, input: fromUserFolderIfPath(source), videoName, videoId: '', out: prepared.out, job: input.archive, store: context.config.storeUrl, createdAtMs: Date.now(), state: 'unfinished', ownerPid: null, archive: input };
  } catch (error) {
    throw stop.signal.aborted ? new Interrupted('Interrupted before the run was started; give the same command again.') : error;
  } finally {
    stop.dispose();
  }
}

function fromUserFolderIfPath(source: string): string {
  return source.includes('://') ? source : fromUserFolder(source);
}
