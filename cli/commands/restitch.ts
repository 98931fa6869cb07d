import { Option, type Command } from 'commander';
import { CODE_VERSION, jobSpecSchema, type JobSpec } from '../../contracts/artefacts';
import { VamgError } from '../../contracts/errors';
import type { SegmentVideoResult } from '../../contracts/messages';
import { outputOptionsSchema, planningOptionsSchema, STITCH_OPTION_KEYS } from '../../contracts/segment-options';
import { canonicalJson } from '../../core/pipeline/canonical-json';
import { createContext, openArtefacts, type CliContext } from '../context';
import { deriveJobId } from '../job/job-id';
import type { JobRecord } from '../job/job-record';
import { checkOutFolder } from '../job/out-folder';
import { runJob } from '../job/run-job';
import { jobDocument, tellWhereToLook } from '../job/summarise-job';
import { addSchemaFlags, readSchemaFlags } from '../options/flags-from-schema';
import { flagSpecs } from '../options/flag-spec';
import { forUser, fromUserFolder } from '../output/user-folder';
import { checkTracked } from '../restitch/check-tracked';
import { checkVideo, registerMovedVideo } from '../restitch/check-video';
import { findResultJob } from '../restitch/find-result-job';
import { readResultSummary } from '../result/read-result';

const EXAMPLES = `
Matches, resolves and writes a finished result again from the tracks in the store; no network runs. What is not given stays as it
was. Every decision, with what spoke for it, is in stitch-report.json; docs/stitching.md explains it.

Examples:
  vamg restitch film-vamg --reidentify                    objects that come back get their former ID
  vamg restitch film-vamg --stitch-iou-thresh 0.4 --out film-0.4
  vamg restitch film-vamg --stitch-margin 0.05 --no-overlay --no-viewer`;

interface RestitchFlags extends Record<string, unknown> {
  readonly out?: string;
  readonly force?: boolean;
  readonly video?: string;
  readonly store?: string;
  readonly json?: boolean;
}

export function registerRestitchCommand(program: Command): void {
  const command = program.command('restitch').argument('<dir>', 'a result folder').description('Stitch a finished result again with other thresholds, without any inference.');
  const stitchKeys: readonly string[] = STITCH_OPTION_KEYS;
  const asBefore = (keys: readonly string[]): Record<string, string> => Object.fromEntries(keys.map((key) => [key, 'as before']));
  const exclude = flagSpecs(planningOptionsSchema).map(({ key }) => key).filter((key) => !stitchKeys.includes(key));
  addSchemaFlags(command, planningOptionsSchema, { group: 'Stitching', exclude, defaults: asBefore(stitchKeys) });
  addSchemaFlags(command, outputOptionsSchema, { group: 'Output', defaults: asBefore(flagSpecs(outputOptionsSchema).map(({ key }) => key)) });
  const add = (group: string, flags: string, description: string): void => void command.addOption(new Option(flags, description).helpGroup(`${group}:`));
  add('Output', '--out <dir>', 'Folder for the new result (default: the former one is replaced)');
  add('Output', '--force', 'Replace the former result also when it was corrected with `vamg edit`.');
  add('Output', '--json', 'Print one JSON document on stdout and nothing else.');
  add('Job', '--video <file>', 'Where the video is now, if it was moved.');
  add('Job', '--store <url>', 'Store of the job that made the result (default where this machine started it, else VAMG_STORE, else .vamg/store)');
  command.addHelpText('after', EXAMPLES).action(async (dir: string, flags: RestitchFlags) => restitch(dir, flags));
}

async function restitch(dir: string, flags: RestitchFlags): Promise<void> {
  const folder = fromUserFolder(dir);
  const target = flags.out === undefined ? folder : fromUserFolder(flags.out);
  const former = await readResultSummary(folder);
  await checkOutFolder(target, flags.force);
  const { context, spec: formerSpec, record: known } = await findResultJob(createContext(flags), folder, former, flags.store);
  const spec = withOptions(formerSpec, flags, folder);
  const { artefacts, sources } = await openArtefacts(context);
  await checkTracked(artefacts, spec);
  if (flags.video !== undefined) await registerMovedVideo(sources, flags.video, spec.videoId);
  // Elsewhere the workers know where the videos are.
  if (context.isEmbedded && (spec.options.output.overlay || spec.options.output.viewer)) await checkVideo(sources, spec.videoId);
  const record: JobRecord = {
    schemaVersion: 1,
    id: deriveJobId(spec),
    input: known?.input ?? spec.videoName,
    videoName: spec.videoName,
    videoId: spec.videoId,
    out: target,
    job: await artefacts.putData(Buffer.from(canonicalJson(spec))),
    store: context.config.storeUrl,
    createdAtMs: Date.now(),
    state: 'unfinished',
    ownerPid: null,
    ...(flags.force === true && { replaceEdited: true }),
  };
  const result = await run(context, record, spec);
  context.out.json({ ...(await jobDocument(record, result)), formerObjects: former.counts.objects });
  context.out.line(`Stitched again: ${former.counts.objects} objects before, ${result.objects} now.`);
  await tellWhereToLook(context.out, record, result);
}

/** The former job with the options that were given. @throws VamgError BadConfig when another version of the code made it */
function withOptions(spec: JobSpec, flags: RestitchFlags, folder: string): JobSpec {
  if (spec.codeVersion !== CODE_VERSION)
    throw new VamgError('BadConfig', `${forUser(folder)} was made by another version of vamg, whose tracks this one does not read; run \`vamg segment\` again.`);
  const planning = { ...spec.options.planning, ...readSchemaFlags(flags, planningOptionsSchema) };
  const output = { ...spec.options.output, ...readSchemaFlags(flags, outputOptionsSchema) };
  return jobSpecSchema.parse({ ...spec, options: { ...spec.options, planning, output } });
}

async function run(context: CliContext, record: JobRecord, spec: JobSpec): Promise<SegmentVideoResult> {
  try {
    const result = await runJob(context, record, { stitchOnly: true });
    if (result === null) throw new VamgError('Internal', 'The job was started but not waited for.');
    return result;
  } catch (error) {
    // A damaged artefact was discarded when it was read: say what is missing now.
    if (error instanceof VamgError && error.failure === 'CorruptArtifact') await checkTracked((await openArtefacts(context)).artefacts, spec);
    throw error;
  }
}
