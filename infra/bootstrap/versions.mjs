// Every version and checksum that the bootstrap fetches is pinned here.

export const TEMPORAL = {
  name: 'temporal',
  /** The newest release that `go install` can build; its server is 1.29.1. */
  version: '1.5.1',
  minimumServer: '1.29.0',
  goPackage: 'github.com/temporalio/cli/cmd/temporal',
  minimumGo: '1.25.0',
  goFlags: ['-trimpath', '-ldflags=-s -w'],
  buildTime: 'about 6 minutes on two cores',
};

export const VERSITYGW = {
  name: 'versitygw',
  version: '1.8.0',
  goPackage: 'github.com/versity/versitygw/cmd/versitygw',
  minimumGo: '1.25.0',
  goFlags: ['-trimpath', '-ldflags=-s -w'],
  buildTime: 'about 3 minutes on two cores',
};

/** Builds with -trimpath are the same for everyone who uses the same Go: "<tool> <version> <go> <os>-<arch>". */
export const KNOWN_BUILDS = {
  'temporal 1.5.1 go1.26.8 linux-x64': '7eefaeae81c5beea09a9dba85eefcb518c02f8cc939145085ee57f4068d843b8',
  'versitygw 1.8.0 go1.26.8 linux-x64': 'f163482d12c760f524439afd2913e818fe82b59106cb3ce36222528d951ad36f',
};
