import { parseArgs } from 'node:util';
import { comparePrompt, compareRun } from './study/sam2-compare';
import { Sam2Golden } from './study/sam2-golden';

/**
 * How far ours is from the Python original over a folder that golden.py of infra/export/sam2 or infra/export/edgetam wrote, for example of full-size networks (the run of SAM 2.0, whose bundle is another, is left out):
 * node dist/bench/sam2-parity.js --golden DIR [--frames test/golden/sam2]
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { golden: { type: 'string' }, frames: { type: 'string', default: 'test/golden/sam2' } } });
  if (values.golden === undefined) throw new Error('--golden is needed: a folder that golden.py wrote');
  const golden = new Sam2Golden(values.golden, values.frames);
  const model = await golden.open();
  for (const [name, run] of Object.entries(golden.runs).filter(([name]) => name !== 'version 2.0')) {
    const { compared, pixels, margin, largest, ...worst } = await compareRun(model, golden, run);
    const differences = Object.entries(worst).map(([what, value]) => `${what} ${value.toExponential(1)}`).join(', ');
    console.log(`${name}: ${compared} masks; ${differences}, where logits reach ${largest.logits.toFixed(1)} and memories ${largest.memory.toFixed(1)}; ${pixels} pixels of a mask (decided by ${margin.toExponential(1)})`);
  }
  const prompts = await Promise.all(golden.prompts.map((prompt) => comparePrompt(model, golden, prompt)));
  console.log(`image model: logits ${Math.max(...prompts.map(({ masks }) => masks)).toExponential(1)}, scores ${Math.max(...prompts.map(({ scores }) => scores)).toExponential(1)}`);
  await model.dispose();
}

void main();
