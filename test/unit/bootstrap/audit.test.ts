import { callBootstrap, runModule } from '../../support/bootstrap';

const packages = (entries: Record<string, Record<string, unknown>>): unknown => ({ packages: { '': {}, ...entries } });
const integrity = `sha512-${'A'.repeat(86)}==`;

test('advisories: grave ones once each, at the package that has them; mild ones and those that are only passed on are not', () => {
  const via = (severity: string): unknown => ({ source: 1, name: 'a', title: 'Reads any file', url: 'https://example.org/advisory', severity, range: '<1.2.0' });
  const report = (vulnerabilities: unknown): string => JSON.stringify({ auditReportVersion: 2, vulnerabilities, metadata: {} });
  const answers = callBootstrap('audit-report.mjs', 'readAdvisories', [
    [report({ a: { severity: 'critical', via: [via('critical'), via('moderate')] }, b: { severity: 'critical', via: ['a'] } })],
    [report({ a: { severity: 'high', via: [via('high')] } })],
    [report({ a: { severity: 'moderate', via: [via('moderate')] } })],
    [report({})],
  ]);
  expect(answers).toEqual([
    { isReached: true, reason: '', findings: ['a <1.2.0: critical: Reads any file (https://example.org/advisory)'] },
    { isReached: true, reason: '', findings: ['a <1.2.0: high: Reads any file (https://example.org/advisory)'] },
    { isReached: true, reason: '', findings: [] },
    { isReached: true, reason: '', findings: [] },
  ]);
});

test('a registry that gives no report is not reached, and no host is named; half a report is a finding', () => {
  const answers = callBootstrap('audit-report.mjs', 'readAdvisories', [
    [JSON.stringify({ message: '405 Method Not Allowed - POST https://registry.example/-/npm', statusCode: 405, error: { summary: '', detail: '' } })],
    [JSON.stringify({ error: { code: 'ENOTFOUND', summary: 'getaddrinfo ENOTFOUND registry.example' } })],
    [JSON.stringify({ error: { code: 'see registry.example' } })],
    [''],
    ['{"auditReportVersion":2,"vulner'],
  ]);
  expect(answers).toEqual([
    { isReached: false, reason: '405', findings: [] },
    { isReached: false, reason: 'ENOTFOUND', findings: [] },
    { isReached: false, reason: 'no report', findings: [] },
    { isReached: false, reason: 'no answer', findings: [] },
    { isReached: true, reason: '', findings: ['the report of npm audit cannot be read'] },
  ]);
});

test('this package: no finding in its own lock file', () => {
  const script = `const [{ readJson }, { fromRoot }, report] = await Promise.all(['cache.mjs', 'paths.mjs', 'audit-report.mjs'].map(load));
    const [manifest, lock] = ['package.json', 'package-lock.json'].map((name) => readJson(fromRoot(name)));
    const npmrc = (await import('node:fs')).readFileSync(fromRoot('.npmrc'), 'utf8');
    const findings = [...report.findUnpinned(lock), ...report.findScripts(manifest, lock, npmrc), ...report.findLicences(lock)];
    process.stdout.write(JSON.stringify({ packages: Object.keys(lock.packages).length, findings }));`;
  const { packages: count, findings } = JSON.parse(runModule(script)) as { packages: number; findings: string[] };
  expect(findings).toEqual([]);
  expect(count).toBeGreaterThan(100);
});

test('a package without a sha512 checksum is found', () => {
  const [others] = callBootstrap('audit-report.mjs', 'findUnpinned', [
    [packages({ 'node_modules/good': { integrity }, 'node_modules/none': {}, 'node_modules/a/node_modules/old': { integrity: 'sha1-abc' }, 'node_modules/linked': { link: true, integrity } })],
  ]) as string[][];
  expect(others!.map((finding) => finding.split(':')[0])).toEqual(['node_modules/none', 'node_modules/a/node_modules/old', 'node_modules/linked']);
});

test('no package runs a script when it is installed, unless package.json allows it', () => {
  const scripted = packages({ 'node_modules/@x/a': { hasInstallScript: true }, 'node_modules/b': { hasInstallScript: true }, 'node_modules/c/node_modules/b': { hasInstallScript: true }, 'node_modules/d': {} });
  const [ignored, all, some, none] = callBootstrap('audit-report.mjs', 'findScripts', [
    [{}, scripted, 'fund=false\nignore-scripts=true\n'],
    [{}, scripted, '#ignore-scripts=true\n'],
    [{ allowScripts: { '@x/a@1.0.0': true, b: false } }, scripted, ''],
    [{ allowScripts: { '@x/a': true, 'b@2': true } }, scripted, ''],
  ]) as string[][];
  expect(ignored).toEqual([]);
  expect(all!.map((finding) => finding.split(' ')[0])).toEqual(['@x/a', 'b']);
  expect(some!.map((finding) => finding.split(' ')[0])).toEqual(['b']);
  expect(none).toEqual([]);
});

test('licences that fit, and those on which a person decides', () => {
  const licences = { MIT: true, '(MIT OR GPL-3.0-only)': true, '(MIT AND Zlib)': true, 'MIT AND GPL-3.0-only': false, 'AGPL-3.0-only': false, unknown: false, 'SEE LICENSE IN LICENSE': false, 'MIT OR (MIT AND GPL-2.0)': false, 'LGPL-3.0-or-later': false };
  expect(callBootstrap('licences.mjs', 'licenceFits', Object.keys(licences).map((licence) => [licence, 'some-package']))).toEqual(Object.values(licences));
  expect(callBootstrap('licences.mjs', 'licenceFits', [['Apache-2.0 AND LGPL-3.0-or-later AND MIT', '@img/sharp-win32-x64']])).toEqual([true]);
  const [others] = callBootstrap('audit-report.mjs', 'findLicences', [[packages({ 'node_modules/p': { version: '1.0.0', license: 'SSPL-1.0' }, 'node_modules/q': { version: '2.0.0' } })]]) as string[][];
  expect(others).toEqual([expect.stringMatching(/^p 1\.0\.0: the licence SSPL-1\.0/), expect.stringMatching(/^q 2\.0\.0: the licence unknown/)]);
});
