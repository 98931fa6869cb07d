// House rules that a machine can check. The import rules draw the borders between the folders (docs/adr/0002).
import js from '@eslint/js';
import tseslint from 'typescript-eslint';

const CODE = ['workflows', 'activities', 'workers', 'contracts', 'core', 'models', 'adapters', 'cli', 'viewer', 'bench', 'infra', 'lib', 'examples', 'test'];
const SHIPPED = CODE.filter((folder) => folder !== 'test');
const files = (...folders) => folders.map((folder) => `${folder}/**/*.ts`);

/** Packages that only one place may know. Types count too: an interface of our own stands between. */
const OWNED = [
  { name: 'onnxruntime-node', owner: 'models/runtime', pattern: '^onnxruntime-(node|common)(/|$)' },
  { name: 'fluent-ffmpeg', owner: 'adapters/ffmpeg', pattern: '^fluent-ffmpeg(/|$)' },
  { name: 'minio', owner: 'adapters/store', pattern: '^minio(/|$)' },
  { name: '@opentelemetry', owner: 'workers/tracing', pattern: '^@opentelemetry/' },
  { name: 'sharp', owner: 'adapters/png', pattern: '^sharp(/|$)' },
];
const owned = (...except) =>
  OWNED.filter(({ owner }) => !except.includes(owner)).map(({ name, owner, pattern }) => ({
    regex: pattern,
    message: `Only ${owner} may import ${name}; use what that folder offers.`,
  }));

const BUILT_INS = {
  regex: '^(node:.*|assert|buffer|child_process|crypto|events|fs|http|https|net|os|path|perf_hooks|process|stream|url|util|worker_threads|zlib)(/|$)',
  message: 'This folder does no input or output: nothing of Node may be used here.',
};

/** A rule against relative imports that lead into other folders of the repository. */
const folders = (names, message) => ({ regex: `^(\\.\\./)+(${names.join('|')})(/|$)`, message });
const without = (...names) => SHIPPED.filter((folder) => !names.includes(folder));

/** A `no-restricted-imports` entry; `typesToo: false` leaves `import type` alone. */
const restrict = (patterns) => ['error', { patterns }];

const CLOCK_AND_CHANCE = [
  ['NewExpression[callee.name="Date"]', 'A Date'],
  ['CallExpression[callee.object.name="Date"][callee.property.name="now"]', 'The clock'],
  ['CallExpression[callee.object.name="performance"][callee.property.name="now"]', 'The clock'],
  ['CallExpression[callee.object.name="Math"][callee.property.name="random"]', 'Randomness'],
  ['CallExpression[callee.name=/^(setTimeout|setInterval|setImmediate)$/]', 'A timer'],
].map(([selector, what]) => ({ selector, message: `${what} makes the result differ between runs. Take it as an argument.` }));
const NO_DEFAULT_EXPORT = { selector: 'ExportDefaultDeclaration', message: 'Export it by name.' };

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', '.vamg/**', 'coverage/**', 'vamg-out/**', 'training/**', '**/*.d.ts'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: files(...CODE),
    extends: [tseslint.configs.recommended],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: ['error', 'always'],
      // Names from outside are searched for control characters on purpose.
      'no-control-regex': 'off',
      // TypeScript asks for first values that this rule then calls useless.
      'no-useless-assignment': 'off',
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT],
      'max-lines': ['error', { max: 300, skipBlankLines: false, skipComments: false }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false }],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { ignoreVoid: true }],
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      '@typescript-eslint/no-restricted-imports': restrict(owned()),
    },
  },
  {
    files: files('test'),
    rules: { '@typescript-eslint/no-restricted-imports': 'off', '@typescript-eslint/no-require-imports': 'off' },
  },
  {
    files: files('core'),
    rules: {
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, ...CLOCK_AND_CHANCE],
      '@typescript-eslint/no-restricted-imports': restrict([
        BUILT_INS,
        folders(without('core', 'contracts'), 'core is a pure library: it may use core and contracts only.'),
        { regex: '^(?!\\.)', message: 'core has no dependencies.' },
      ]),
    },
  },
  {
    files: files('contracts'),
    rules: {
      '@typescript-eslint/no-restricted-imports': restrict([
        BUILT_INS,
        folders(without('contracts'), 'contracts is what everybody agrees on: it depends on nobody.'),
        { regex: '^(?!\\.)(?!zod$)', message: 'contracts may use zod only.' },
      ]),
    },
  },
  {
    // Date.now() and timers are allowed here: Temporal replaces them with the workflow's own, the same on every replay.
    // Values only from the listed places; types may come from anywhere, because they are gone at run time. The other borders hold for types too.
    files: files('workflows'),
    rules: {
      'no-restricted-syntax': ['error', NO_DEFAULT_EXPORT, ...CLOCK_AND_CHANCE.filter(({ message }) => !/^(The clock|A timer)/.test(message))],
      '@typescript-eslint/no-restricted-imports': restrict([
        { ...BUILT_INS, message: 'Workflow code runs without Node: it must be the same on every replay.' },
        { regex: '^(?!\\.)(?!@temporalio/(workflow|common)(/|$))', allowTypeImports: true, message: 'Workflow code may use @temporalio/workflow and @temporalio/common only.' },
        { ...folders(without('workflows', 'contracts', 'core'), 'Only its types: `import type`.'), allowTypeImports: true },
        { regex: '^(\\.\\./)+core/(?!planning(/|$))', allowTypeImports: true, message: 'Of core, only core/planning.' },
      ]),
    },
  },
  ...OWNED.map(({ owner }) => ({
    files: files(owner),
    rules: { '@typescript-eslint/no-restricted-imports': restrict(owned(owner)) },
  })),
  {
    files: files('models', 'adapters').filter((pattern) => !OWNED.some(({ owner }) => pattern.startsWith(owner))),
    ignores: files(...OWNED.map(({ owner }) => owner)),
    rules: {
      '@typescript-eslint/no-restricted-imports': restrict([
        ...owned(),
        folders(['workflows', 'activities', 'workers', 'cli', 'lib'], 'models and adapters do not know who uses them.'),
      ]),
    },
  },
  {
    // Read as they would be written elsewhere: against the package.
    files: files('examples'),
    rules: { '@typescript-eslint/no-restricted-imports': restrict([...owned(), folders(without('examples'), "Examples use what a user has: 'video-amg' and its entry points.")]) },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { sourceType: 'module', globals: nodeGlobals('fetch', 'AbortController') },
    rules: { eqeqeq: ['error', 'always'], 'max-lines': ['error', 300], 'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }] },
  },
  {
    files: ['*.js', 'test/support/**/*.js', 'test/chaos/support/**/*.js'],
    languageOptions: { sourceType: 'commonjs', globals: nodeGlobals('require', 'module', 'exports', '__dirname', '__filename') },
  },
  {
    // Parts of one page: put together into a single script, they see each other's functions and the browser's.
    files: ['viewer/**/*.js'],
    languageOptions: { sourceType: 'script' },
    rules: { eqeqeq: ['error', 'always'], 'max-lines': ['error', 300], 'no-undef': 'off', 'no-unused-vars': ['error', { vars: 'local', argsIgnorePattern: '^_' }] },
  },
);

function nodeGlobals(...more) {
  const names = ['process', 'console', 'Buffer', 'URL', 'setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'performance', 'structuredClone', 'TextDecoder', 'TextEncoder', 'AbortSignal', 'globalThis', ...more];
  return Object.fromEntries(names.map((name) => [name, 'readonly']));
}
