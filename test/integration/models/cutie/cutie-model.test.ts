import { CUTIE_SETTINGS_ROLE } from '../../../../contracts/cutie-network';
import { CutieModel } from '../../../../models/cutie/cutie-model';
import { describeTokenTracker } from '../token-checks';
import { TokenGolden } from '../token-golden';

describe('the Cutie tracker with real graphs', () => {
  describeTokenTracker(new TokenGolden('cutie'), { settingsRole: CUTIE_SETTINGS_ROLE, settingsFile: 'cutie.json', family: CutieModel });
});
