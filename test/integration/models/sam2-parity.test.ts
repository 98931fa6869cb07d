import type { Sam2Model } from '../../../models/sam2/sam2-model';
import { expectSameRun } from './sam2-checks';
import { Golden } from './sam2-golden';

const golden = new Golden('sam2');
let model: Sam2Model;
beforeAll(async () => (model = await golden.open()));
afterAll(() => model.dispose());

describe('the SAM 2 tracker against the Python original, same weights', () => {
  it.each(Object.entries(golden.runs))('gives its logits within 1e-3 and its memories within 1e-4 on every frame: %s', async (_name, run) => {
    await expectSameRun(model, golden, run);
  });
});
