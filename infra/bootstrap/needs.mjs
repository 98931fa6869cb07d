// What a command needs before it can start. Everything else about the command line is the command's own business.

const NOTHING = { ffmpeg: false, models: false, temporal: false };
const ALL = { ffmpeg: true, models: true, temporal: true };
const MEDIA = { ...NOTHING, ffmpeg: true };
const SERVER = { ...NOTHING, temporal: true };

const COMMANDS = {
  segment: ALL,
  demo: ALL,
  archive: ALL,
  resume: ALL,
  image: { ...NOTHING, models: true },
  restitch: MEDIA,
  edit: MEDIA,
  status: SERVER,
  list: SERVER,
  watch: SERVER,
  cancel: SERVER,
  pause: SERVER,
  schedule: SERVER,
};

const WORKER_ROLES = { control: SERVER, media: { ...SERVER, ffmpeg: true } };

/** The value of `--name value` or `--name=value`. */
function optionValue(args, name) {
  const at = args.findIndex((arg) => arg === name || arg.startsWith(`${name}=`));
  if (at < 0) return undefined;
  return args[at] === name ? args[at + 1] : args[at].slice(name.length + 1);
}

const asksForHelp = (args) => args.length === 0 || args[0] === 'help' || args.some((arg) => ['--help', '-h', '--version', '-V'].includes(arg));

/** @returns {{ffmpeg: boolean, models: boolean, temporal: boolean}} */
export function needsOf(args) {
  if (asksForHelp(args)) return NOTHING;
  const command = args.find((arg) => !arg.startsWith('-'));
  const needs = command === 'worker' ? (WORKER_ROLES[optionValue(args, '--role')] ?? ALL) : (COMMANDS[command] ?? NOTHING);
  // Weights that somebody names are the command's own to find; only those of the default come from here.
  const model = optionValue(args, '--model');
  return needs.models && model !== undefined && model !== 'mobilesam' ? { ...needs, models: false } : needs;
}
