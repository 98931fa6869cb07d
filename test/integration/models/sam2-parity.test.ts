import type { Sam2Model } from '../../../models/sam2/sam2-model';
import { expectSameRun } from './sam2-checks';
import { Golden } from './sam2-golden';

const golden = new Golden('sam2');
const { 'version 2.0': version20, ...runs } = golden.runs;
let model: Sam2Model;
let elder: Sam2Model;
beforeAll(async () => {
  model = await golden.open();
  elder = await golden.open('v2.0-');
});
afterAll(async () => {
  await model.dispose();
  await elder.dispose();
});

describe('the SAM 2 tracker against the Python original, same weights', () => {
  it.each(Object.entries(runs))('gives its logits within 1e-3 and its memories within 1e-4 on every frame: %s', async (_name, run) => {
    await expectSameRun(model, golden, run);
  });

  it('and so for SAM 2.0, which has no times of pointers and no memory of absence', async () => {
    await expectSameRun(elder, golden, version20!);
    expect(elder.settings.use_signed_tpos_enc_to_obj_ptrs).toBe(false);
  });
});
