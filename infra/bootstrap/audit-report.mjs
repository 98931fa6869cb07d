// Pure parts of `npm run audit`: findings, one sentence each, from npm's report and from the lock file.
import { licenceFits, packagesOf } from './licences.mjs';

const GRAVE = new Set(['high', 'critical']);

/**
 * Reads the output of `npm audit --json`.
 * @returns {{ isReached: boolean, reason: string, findings: string[] }} a report that cannot be read is a finding; an answer that is none
 * (no network, a registry without audits) is not reached, with a word that says why
 */
export function readAdvisories(output) {
  if (output.trim() === '') return { isReached: false, reason: 'no answer', findings: [] };
  let report;
  try {
    report = JSON.parse(output);
  } catch {
    return { isReached: true, reason: '', findings: ['the report of npm audit cannot be read'] };
  }
  if (report.auditReportVersion === undefined) return { isReached: false, reason: reasonOf(report), findings: [] };
  // A package that is only hit through another one names it as a text; the advisory itself stands at that other one.
  const advisories = Object.entries(report.vulnerabilities ?? {}).flatMap(([name, { via = [] }]) =>
    via.filter((one) => typeof one === 'object' && GRAVE.has(one.severity)).map((one) => `${name} ${one.range}: ${one.severity}: ${one.title} (${one.url})`),
  );
  return { isReached: true, reason: '', findings: advisories };
}

/** A status or a code, never a sentence: those name hosts. */
function reasonOf(report) {
  const reason = report.statusCode ?? report.error?.code ?? report.code;
  return /^[A-Z0-9_]{1,40}$/.test(String(reason)) ? String(reason) : 'no report';
}

/** Packages whose bytes the lock file does not pin. */
export function findUnpinned(lock) {
  const isPinned = (entry) => /^sha512-[A-Za-z0-9+/]{86}==$/.test(entry.integrity ?? '') && entry.link !== true;
  return Object.entries(lock.packages).filter(([where, entry]) => where !== '' && !isPinned(entry)).map(([where]) => `${where}: package-lock.json has no sha512 checksum for it`);
}

/**
 * Packages that would run a script while they are installed, without being named in `allowScripts` of package.json.
 * @param npmrc text of .npmrc: with `ignore-scripts=true` none runs
 */
export function findScripts(manifest, lock, npmrc) {
  if (/^ignore-scripts\s*=\s*true\s*$/m.test(npmrc)) return [];
  const allowed = new Set(Object.entries(manifest.allowScripts ?? {}).filter(([, isAllowed]) => isAllowed === true).map(([name]) => name.replace(/(?<=.)@.*$/, '')));
  const names = Object.entries(lock.packages).filter(([where, entry]) => where !== '' && entry.hasInstallScript === true).map(([where]) => where.replace(/^.*node_modules\//, ''));
  return [...new Set(names)].filter((name) => !allowed.has(name)).map((name) => `${name} runs a script while it is installed, which allowScripts of package.json does not allow`);
}

/** Packages under licences that a person has not found to fit. */
export function findLicences(lock) {
  return packagesOf(lock).filter(({ name, licence }) => !licenceFits(licence, name)).map(({ name, version, licence }) => `${name} ${version}: the licence ${licence} is not one of those that fit (infra/bootstrap/licences.mjs)`);
}
