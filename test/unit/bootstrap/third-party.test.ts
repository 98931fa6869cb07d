import { execFileSync } from 'node:child_process';
import path from 'node:path';

test('THIRD_PARTY.md lists the packages and their licences', () => {
  const script = path.join(__dirname, '../../../infra/bootstrap/third-party.mjs');
  expect(() => execFileSync(process.execPath, [script, '--check'], { stdio: 'pipe' })).not.toThrow();
});
