// The very first check. Plain enough to be parsed by every Node that knows ES modules.

export var MINIMUM_NODE = '20.9.0';

/** [major, minor, patch]; a missing part counts as 0, a text that is no version gives undefined. */
export function parseVersion(text) {
  var match = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(String(text).trim());
  return match ? [Number(match[1]), Number(match[2] || 0), Number(match[3] || 0)] : undefined;
}

/** True if `version` is `minimum` or newer. What is not a version is not newer. */
export function isAtLeast(version, minimum) {
  var have = parseVersion(version);
  var need = parseVersion(minimum);
  if (!have || !need) return false;
  for (var i = 0; i < 3; i++) {
    if (have[i] !== need[i]) return have[i] > need[i];
  }
  return true;
}

/** undefined when this Node will do, else the sentence to show. */
export function nodeProblem(version) {
  if (isAtLeast(version, MINIMUM_NODE)) return undefined;
  return 'video-amg needs Node.js ' + MINIMUM_NODE + ' or newer; this is ' + version + ' (' + process.execPath + '). ' +
    'Install a newer one, for example with `nvm install 22`, and run the same command again.';
}

export function requireNode() {
  var problem = nodeProblem(process.version);
  if (problem) {
    process.stderr.write('vamg: ' + problem + '\n');
    process.exit(3);
  }
}
