// `npm run audit`: what can be known about the packages without running them. Ends with 1 for a finding.
// From the lock file: checksums, install scripts, licences. From the registry, where it answers: advisories of the packages at run time.
import fs from 'node:fs';
import { ROOT, fromRoot } from './paths.mjs';
import { readJson } from './cache.mjs';
import { run } from './command.mjs';
import { npmCommand } from './packages.mjs';
import { packagesOf } from './licences.mjs';
import { findLicences, findScripts, findUnpinned, readAdvisories } from './audit-report.mjs';

const LIMIT_MS = 60_000;

async function askRegistry() {
  const { program, prefix, shell } = npmCommand();
  const args = [...prefix, 'audit', '--omit=dev', '--package-lock-only', '--json', '--fetch-retries=0'];
  return readAdvisories((await run(program, args, { cwd: ROOT, shell, timeoutMs: LIMIT_MS })).stdout);
}

async function main() {
  const [manifest, lock] = [readJson(fromRoot('package.json')), readJson(fromRoot('package-lock.json'))];
  const npmrc = fs.existsSync(fromRoot('.npmrc')) ? fs.readFileSync(fromRoot('.npmrc'), 'utf8') : '';
  const advisories = await askRegistry();
  const findings = [...findUnpinned(lock), ...findScripts(manifest, lock, npmrc), ...findLicences(lock), ...advisories.findings];
  for (const finding of findings) console.log(`audit: ${finding}`);
  if (!advisories.isReached) console.log(`audit: not reachable, skipped: the registry gives no advisories here (${advisories.reason})`);
  else if (advisories.findings.length === 0) console.log('audit: no high or critical advisory for the packages at run time');
  if (findings.length === advisories.findings.length) console.log(`audit: ${packagesOf(lock).length} packages: checksums, install scripts and licences are in order`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

await main();
