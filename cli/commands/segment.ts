import { Option, type Command } from 'commander';
import { VamgError } from '../../contracts/errors';
import { createContext, openArtefacts } from '../context';
import { prepareJob } from '../job/prepare-job';
import type { JobRecord } from '../job/job-record';
import { runJob } from '../job/run-job';
import { listenForStop } from '../job/stop-signal';
import { summariseJob } from '../job/summarise-job';
import { addSegmentFlags, readSegmentFlags } from '../options/segment-flags';
import { resolveOptions } from '../options/resolve-options';
import { Interrupted } from '../output/exit-error';

const EXAMPLES = `
Examples:
  vamg segment film.mp4                                  every object, result in ./film-vamg
  vamg segment film.mp4 --preset draft --end 10          a first look at ten seconds
  vamg segment film.mp4 --points-per-side 48 --min-area 50   small objects too
  vamg segment film.mp4 --prompts dog.json --only-prompted   nothing but the objects in dog.json
  vamg segment s3://films/2026/film.mp4                  from a bucket (AWS_ACCESS_KEY_ID …, VAMG_S3_ENDPOINT)
  vamg segment film.mp4 --parallel 8 --detach            on your own Temporal server (TEMPORAL_ADDRESS)

Ctrl-C stops it; the same command or \`vamg resume\` goes on where it was. Every option can also be set in the
environment, as VAMG_POINTS_PER_SIDE; \`vamg config show\` prints all values and where they come from.`;

interface SegmentFlags extends Record<string, unknown> {
  readonly out?: string;
  readonly id?: string;
  readonly detach?: boolean;
  readonly force?: boolean;
  readonly store?: string;
  readonly json?: boolean;
  readonly firstFrameMask?: string;
  readonly prompts?: string;
}

export function registerSegmentCommand(program: Command): void {
  const command = program.command('segment').argument('<video>', 'a video file, file:// address or s3://bucket/key').description('Segment every object of a video and keep its ID.');
  addSegmentFlags(command);
  const add = (group: string, flags: string, description: string): void => void command.addOption(new Option(flags, description).helpGroup(`${group}:`));
  add('Video', '--first-frame-mask <indexed.png>', 'Objects of the first frame as a label map: each keeps its value as ID and is followed (default none)');
  add('Video', '--prompts <file.json>', 'Objects to follow, each given by points, boxes or masks on any frames, under IDs of your own; see docs/prompts.md (default none)');
  add('Output', '--out <dir>', 'Folder for the result (default <video name>-vamg in the current folder)');
  add('Output', '--force', 'Replace a former result also when it was corrected with `vamg edit`.');
  add('Output', '--json', 'Print one JSON document on stdout and nothing else.');
  add('Job', '--id <name>', 'Name of the job (default from the video and the options)');
  add('Job', '--detach', 'Start the job and return; needs a Temporal server of your own.');
  add('Job', '--store <url>', 'Folder or s3://bucket/prefix for intermediate results (default VAMG_STORE, else .vamg/store)');
  command.addHelpText('after', EXAMPLES).action(async (video: string, flags: SegmentFlags) => segment(video, flags));
}

async function segment(video: string, flags: SegmentFlags): Promise<void> {
  const { options } = resolveOptions({ flags: readSegmentFlags(flags) });
  const context = createContext(flags);
  if (flags.detach === true && context.isEmbedded)
    throw new VamgError('BadConfig', '--detach needs a Temporal server that goes on without this command: set TEMPORAL_ADDRESS to yours, or leave out --detach.');
  const record = await prepare((signal) =>
    openArtefacts(context).then(({ artefacts, sources }) =>
      prepareJob({ input: video, options, id: flags.id, out: flags.out, given: { firstFrameMask: flags.firstFrameMask, prompts: flags.prompts }, storeUrl: context.config.storeUrl, artefacts, sources, signal, note: (text) => context.out.note(text) }),
    ).then((made) => ({ ...made, ...(flags.force === true && { replaceEdited: true }) })),
  );
  const result = await runJob(context, record, { isDetached: flags.detach === true });
  if (result !== null) return await summariseJob(context.out, record, result);
  context.out.json({ id: record.id, state: 'running' });
  context.out.line(`Started job ${record.id}. \`vamg watch ${record.id}\` shows it and writes the result.`);
}

/** Check and store the job; Ctrl-C meanwhile loses nothing. */
async function prepare(work: (signal: AbortSignal) => Promise<JobRecord>): Promise<JobRecord> {
  const stop = listenForStop(() => process.exit(130));
  try {
    const record = await work(stop.signal);
    stop.signal.throwIfAborted();
    return record;
  } catch (error) {
    throw stop.signal.aborted ? new Interrupted('Interrupted before the job was started; run the same command again.') : error;
  } finally {
    stop.dispose();
  }
}
