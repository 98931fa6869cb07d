import { withSettings } from '../../../../bench/study/with-settings';
import type { CutieSettings } from '../../../../contracts/cutie-network';
import type { CutieObject } from '../../../../core/tracking/cutie/cutie-memory';
import { CutieTracker } from '../../../../core/tracking/cutie/cutie-tracker';
import { createCutieModel, type CutieModel } from '../../../../models/cutie/cutie-model';
import { TokenGolden } from '../token-golden';
import { expectParity } from '../token-parity';

const golden = new TokenGolden<CutieSettings>('cutie');
let model: CutieModel;
beforeAll(async () => (model = await createCutieModel(golden.bundle(), { intraOpThreads: 1 })));
afterAll(() => model.dispose());

describe('the Cutie tracker against the Python original, same weights', () => {
  it.each(Object.entries(golden.runs))('gives its logits within 1e-3 and its memories within 1e-4 on every frame: %s', async (_name, { settings, lines }) => {
    await expectParity<CutieObject>(lines, {
      golden,
      numbersOf: ({ sensory, summaries }) => ({ sensory, summaries: summaries! }),
      // Sums over hundreds of places.
      unitOf: (name, theirs) => (name === 'summaries' ? theirs.reduce((most, value) => Math.max(most, Math.abs(value)), 1) : 1),
      open: (told) => new CutieTracker({ network: withSettings(model, settings), ...told }),
    });
  });
});
