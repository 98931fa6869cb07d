// `node infra/bootstrap/prepare.mjs [packages] [build] [ffmpeg] [models] [temporal] [s3]`: only the set-up, for images and CI.
// Without a word it is packages and build; `all` is everything that `npm start` and `npm test` would fetch.
import { requireNode } from './node-version.mjs';

requireNode();

const STEPS = {
  packages: async () => (await import('./packages.mjs')).ensurePackages(),
  build: async () => (await import('./build.mjs')).build(),
  ffmpeg: async () => (await import('./ffmpeg.mjs')).ensureFfmpeg(),
  models: async () => (await import('./models.mjs')).ensureModels(),
  temporal: async () => (await import('./temporal.mjs')).ensureTemporal(),
  s3: async () => (await import('./s3-server.mjs')).ensureVersitygw({ required: true }),
};

const { SetupError, exitWith } = await import('./say.mjs');
try {
  const words = process.argv.slice(2);
  const unknown = words.find((word) => word !== 'all' && !(word in STEPS));
  if (unknown !== undefined) throw new SetupError(`there is no step "${unknown}"; the steps are ${Object.keys(STEPS).join(', ')} and all.`);
  const wanted = words.includes('all') ? Object.keys(STEPS) : words.length > 0 ? words : ['packages', 'build'];
  for (const step of Object.keys(STEPS).filter((name) => wanted.includes(name))) await STEPS[step]();
} catch (error) {
  exitWith(error);
}
