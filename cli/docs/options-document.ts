import { PRESETS, PRESET_NAMES } from '../../contracts/presets';
import { describeAllowed, describeDefault, type FlagSpec } from '../options/flag-spec';
import { inFlagWords } from '../options/flags-from-schema';
import { environmentName } from '../options/resolve-options';
import { FLAG_GROUPS, groupSpecs, presetDefault, type OptionPart } from '../options/segment-flags';

const INTRODUCTION = `# Options of \`vamg segment\`

<!-- Generated from the schemas in contracts/ by \`npm run docs:generate\`; a test proves it fresh. Do not edit. -->

An option is taken from the first of these that sets it:

1. the flag on the command line,
2. the environment variable in the last column,
3. the preset (\`--preset\`),
4. the default.

\`vamg config show\` prints every option with its value and where the value comes from. \`none\` is accepted where the default is none.
Switches also have an opposite: \`--no-overlay\`.
`;

/** docs/options.md, from the same schemas as the flags. */
export function optionsDocument(): string {
  const sections = FLAG_GROUPS.map((entry) => {
    const rows = groupSpecs(entry).map((spec) => optionRow(spec, entry.part));
    return [`## ${entry.group}`, '', '| option | values | default | meaning | environment |', '| --- | --- | --- | --- | --- |', ...rows, ''].join('\n');
  });
  return [INTRODUCTION, presetTable(), ...sections].join('\n');
}

function optionRow(spec: FlagSpec, part: OptionPart): string {
  const name = spec.kind === 'json-file' ? '' : `\`${environmentName(spec.key)}\``;
  const cells = [`\`${spec.flag}\``, describeAllowed(spec), presetDefault(part, spec.key) ?? describeDefault(spec), inFlagWords(spec.description), name];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function presetTable(): string {
  const rows = PRESET_NAMES.map((name) => {
    const { inputSize, amg, tracking } = PRESETS[name];
    return `| \`${name}\` | ${inputSize} | ${amg.pointsPerSide} | ${amg.predIouThresh} | ${amg.stabilityScoreThresh} | ${amg.fillPredIouThresh} | ${amg.fillStabilityScoreThresh} | ${tracking.detectEvery} | ${tracking.rememberedFrames} |`;
  });
  const head = ['preset', '`--input-size`', '`--points-per-side`', '`--pred-iou-thresh`', '`--stability-score-thresh`', '`--fill-pred-iou-thresh`', '`--fill-stability-score-thresh`', '`--detect-every`', '`--remembered-frames`'];
  return ['## Presets', '', `| ${head.join(' | ')} |`, `| ${head.map(() => '---').join(' | ')} |`, ...rows, ''].join('\n');
}
