// What is known about the licences of the packages in package-lock.json, and which of them fit.

/** Licences that ask for nothing but their notice. */
export const PLAIN_LICENCES = new Set(['MIT', 'ISC', '0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'BlueOak-1.0.0', 'Unlicense', 'MIT-0']);
/** As plain, and only seen as a part of a choice or a sum. */
const FITTING_PARTS = new Set(['Zlib', 'CC0-1.0']);
/** Licences that fit for what these packages are and how they are used. */
const FITTING_FOR = [
  { licence: 'LGPL-3.0-or-later', packages: /^@img\/sharp-/, why: 'libvips as a shared library that a person may replace' },
  { licence: 'CC-BY-4.0', packages: /^caniuse-lite$/, why: 'a table of facts, named in THIRD_PARTY.md' },
];
/** Packages whose lock entry names no licence: read from their own package.json or LICENSE file. */
const LICENCES_READ = { async: 'MIT', unionfs: 'Unlicense' };

const nameOf = (where) => where.replace(/^.*node_modules\//, '');

/** The licence of one entry of the lock file; 'unknown' when nothing names it. */
export const licenceOf = (where, entry) => entry?.license ?? LICENCES_READ[nameOf(where)] ?? 'unknown';

/** Every installed package once, as { name, version, licence, isDevelopment }. */
export function packagesOf(lock) {
  return Object.entries(lock.packages)
    .filter(([where]) => where !== '')
    .map(([where, entry]) => ({ name: nameOf(where), version: entry.version, licence: licenceOf(where, entry), isDevelopment: entry.dev === true }));
}

/**
 * Whether a package under this SPDX expression may be used. Of `A OR B` one must fit, of `A AND B` each; an expression that mixes
 * both does not fit before a person has looked at it.
 */
export function licenceFits(expression, name) {
  const plain = expression.trim().replace(/^\(([^()]*)\)$/, '$1').trim();
  const parts = plain.split(/ (?:AND|OR) /);
  if (/[()]/.test(plain) || (/ AND /.test(plain) && / OR /.test(plain))) return false;
  const fits = (id) => PLAIN_LICENCES.has(id) || FITTING_PARTS.has(id) || FITTING_FOR.some(({ licence, packages }) => licence === id && packages.test(name));
  return / OR /.test(plain) ? parts.some(fits) : parts.every(fits);
}
