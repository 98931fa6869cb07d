import { withSettings } from '../../../../bench/study/with-settings';
import type { XmemSettings } from '../../../../contracts/xmem-network';
import type { XmemObject } from '../../../../core/tracking/xmem/xmem-memory';
import { XmemTracker } from '../../../../core/tracking/xmem/xmem-tracker';
import { createXmemModel, type XmemModel } from '../../../../models/xmem/xmem-model';
import { TokenGolden } from '../token-golden';
import { expectParity } from '../token-parity';

const golden = new TokenGolden<XmemSettings>('xmem');
let model: XmemModel;
beforeAll(async () => (model = await createXmemModel(golden.bundle(), { intraOpThreads: 1 })));
afterAll(() => model.dispose());

describe('the XMem tracker against infra/export/xmem/tracker.py, same weights', () => {
  it.each(Object.entries(golden.runs))('gives its logits within 1e-3 and its memories within 1e-4 on every frame: %s', async (_name, { settings, lines }) => {
    await expectParity<XmemObject>(lines, {
      golden,
      numbersOf: ({ hidden }) => ({ hidden }),
      open: (told) => new XmemTracker({ network: withSettings(model, settings), ...told }),
    });
  });
});
