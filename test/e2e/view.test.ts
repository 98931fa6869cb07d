import { mkdirSync, writeFileSync } from 'node:fs';
import { VamgHome, waitFor } from '../support/vamg';

describe('vamg view', () => {
  const home = new VamgHome();
  afterAll(() => home.dispose());

  it('serves until Ctrl-C, and ends well', async () => {
    mkdirSync(home.path('r'));
    writeFileSync(home.path('r/index.html'), 'page');
    writeFileSync(home.path('r/result.json'), JSON.stringify({ schemaVersion: 1, video: { id: 'v', name: 'film.mp4' }, counts: { objects: 3 } }));
    const running = home.start(['view', 'r', '--no-open']);
    await waitFor('the address', () => (running.stderr().includes('Ctrl-C ends it') ? true : undefined), 60_000);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.finished;
    expect([code, stdout]).toEqual([0, expect.stringMatching(/^film\.mp4, 3 objects: http:\/\/127\.0\.0\.1:\d+\/\n$/)]);
    await home.quiet();
  });
});
