// Writes the tables of THIRD_PARTY.md from package.json and package-lock.json: `node infra/bootstrap/third-party.mjs`.
// With --check it only says whether names and licences are right (versions may differ), and ends with 1 if not.
import fs from 'node:fs';
import { fromRoot } from './paths.mjs';
import { readJson } from './cache.mjs';
import { PLAIN_LICENCES, licenceOf, packagesOf } from './licences.mjs';

const FILE = fromRoot('THIRD_PARTY.md');
const BEGIN = '<!-- packages: begin, written by infra/bootstrap/third-party.mjs -->';
const END = '<!-- packages: end -->';

function directTable(names, lock) {
  const rows = names.sort().map((name) => {
    const entry = lock.packages[`node_modules/${name}`];
    return `| ${name} | ${entry?.version ?? '?'} | ${licenceOf(name, entry)} |`;
  });
  return ['| package | version | licence |', '| --- | --- | --- |', ...rows].join('\n');
}

/** The builds of one package for several platforms count as one line. */
const withoutPlatform = (name) => name.replace(/-(?:linux|linuxmusl|darwin|win32|freebsd|android|openharmony|wasm32|webcontainers)\b.*$/, '-*');

function notableTable(packages) {
  const notable = new Map();
  for (const { name, licence, version, isDevelopment } of packages) {
    if (PLAIN_LICENCES.has(licence)) continue;
    const key = `${withoutPlatform(name)} ${licence}`;
    const known = notable.get(key);
    notable.set(key, { name: withoutPlatform(name), version, licence, isDevelopment: isDevelopment && (known?.isDevelopment ?? true) });
  }
  const rows = [...notable.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  return ['| package | version | licence | used |', '| --- | --- | --- | --- |', ...rows.map((row) => `| ${row.name} | ${row.version} | ${row.licence} | ${row.isDevelopment ? 'development' : 'run time'} |`)].join('\n');
}

function countLine(packages) {
  const counts = new Map();
  for (const { licence } of packages) if (PLAIN_LICENCES.has(licence)) counts.set(licence, (counts.get(licence) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1]).map(([licence, count]) => `${licence} (${count})`).join(', ');
}

export function render(manifest, lock) {
  const packages = packagesOf(lock);
  return [
    '### At run time', '', directTable(Object.keys(manifest.dependencies), lock), '',
    '### At run time, when traces are sent', '', directTable(Object.keys(manifest.optionalDependencies), lock), '',
    '### For development and tests', '', directTable(Object.keys(manifest.devDependencies), lock), '',
    '### Brought along', '', `The packages above bring others, ${packages.length} in all with every platform's builds. Under plain permissive licences: ${countLine(packages)}. The rest:`, '',
    notableTable(packages),
  ].join('\n');
}

/** The text without figures that change with every update. */
const withoutVersions = (text) => text.split('\n').filter((line) => line.startsWith('|')).map((line) => line.replace(/\| (\d+\.\d+[^|]*) \|/, '| |')).join('\n');

function main() {
  const text = fs.readFileSync(FILE, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  const generated = render(readJson(fromRoot('package.json')), readJson(fromRoot('package-lock.json')));
  if (process.argv.includes('--check')) {
    if (withoutVersions(text.slice(begin, end)) === withoutVersions(generated)) return;
    process.stderr.write('THIRD_PARTY.md does not list the packages of package-lock.json; run `node infra/bootstrap/third-party.mjs`.\n');
    process.exitCode = 1;
    return;
  }
  fs.writeFileSync(FILE, `${text.slice(0, begin)}${BEGIN}\n\n${generated}\n\n${text.slice(end)}`);
}

main();
