import { XMEM_SETTINGS_ROLE } from '../../../../contracts/xmem-network';
import { XmemModel } from '../../../../models/xmem/xmem-model';
import { describeTokenTracker } from '../token-checks';
import { TokenGolden } from '../token-golden';

describe('the XMem tracker with real graphs', () => {
  describeTokenTracker(new TokenGolden('xmem'), { settingsRole: XMEM_SETTINGS_ROLE, settingsFile: 'xmem.json', family: XmemModel });
});
