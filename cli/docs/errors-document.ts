import { FAILURES, type FailureClass } from '../../contracts/errors';

const INTRODUCTION = `# Errors

<!-- Generated from contracts/errors.ts by \`npm run docs:generate\`; a test proves it fresh. Do not edit. -->

Every failure has a name from this list and one sentence: what is wrong, where, and what to do. With \`--json\` it is printed on
stdout as \`{"error": {"failure": NAME, "message": SENTENCE}}\`. \`VAMG_DEBUG=1\` adds the stack trace.

| exit code | meaning |
| --- | --- |
| 0 | done |
| 1 | the job failed |
| 2 | wrong usage |
| 3 | something is missing on this machine; \`vamg doctor\` says what |
| 130 | interrupted; the job stays resumable, and the message says how (\`Interrupted\` with \`--json\`) |

| name | exit code | to blame | repeated by itself | meaning | what to do |
| --- | --- | --- | --- | --- | --- |
`;

const BLAME: Readonly<Record<FailureClass['blame'], string>> = { input: 'the video or picture', config: 'options or set-up', environment: 'machine, network or disk', internal: 'video-amg' };

/** docs/errors.md, from the catalogue. */
export function errorsDocument(): string {
  const rows = Object.entries(FAILURES).map(([name, { exitCode, blame, retryable, meaning, advice }]) => `| \`${name}\` | ${exitCode} | ${BLAME[blame]} | ${retryable ? 'yes' : 'no'} | ${meaning} | ${advice} |`);
  return `${INTRODUCTION}${rows.join('\n')}\n`;
}
