import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { QUEUE_ROLES, taskQueueName, type WorkerRole } from '../../../contracts/messages';
import { durationMs } from '../../../contracts/temporal-config';
import { createProgram } from '../../../cli/program';
import { loadConfig } from '../../../workers/config';
import { INFRA, manifests, podOf, readText, readYaml, unitSettings, type ComposeService } from './deployment-files';

const ROOT = path.join(INFRA, '..');
const { temporal } = loadConfig({});
const forceSeconds = durationMs(temporal.workers.shutdownForce) / 1000;
const compose = readYaml<{ services: Record<string, ComposeService> }>('container/compose.yaml');
const deployments = manifests().filter(({ kind }) => kind === 'Deployment');
const services = readdirSync(path.join(INFRA, 'systemd')).filter((name) => name.endsWith('.service'));
const CLEANING = 'vamg-clean-store.service';
const units = services.filter((name) => name !== CLEANING);

/** Parse the arguments of a `vamg worker` as the program does, without running it. Returns what was given to the command. */
function parseWorker(args: readonly string[]): Record<string, unknown> {
  const program = createProgram();
  const worker = program.commands.find((command) => command.name() === 'worker')!;
  let flags: Record<string, unknown> | undefined;
  worker.action((given: Record<string, unknown>) => void (flags = given));
  program.parse([...args], { from: 'user' });
  return flags!;
}

const commands: [string, readonly string[], WorkerRole][] = [
  ...Object.entries(compose.services)
    .filter(([, { command }]) => command?.[0] === 'worker')
    .map(([name, { command }]): [string, readonly string[], WorkerRole] => [`compose ${name}`, command!, name.split('-')[0] as WorkerRole]),
  ...deployments.map((one): [string, readonly string[], WorkerRole] => [`kubernetes ${one.metadata.name}`, podOf(one).containers[0]!.args, one.metadata.name.slice('vamg-'.length) as WorkerRole]),
  ...units.map((name): [string, readonly string[], WorkerRole] => [name, unitSettings(name).get('ExecStart')!.replace('${GPUS}', '0,1').split(' ').slice(2), name.slice('vamg-'.length, -'.service'.length) as WorkerRole]),
];

describe('commands of the deployment files', () => {
  it.each(commands)('%s are known to the program and name their role', (_where, args, role) => {
    const flags = parseWorker(args);
    expect(flags['role']).toBe(role);
    expect(flags['healthPort']).toEqual(expect.any(Number));
    expect(flags['prometheus']).toMatch(/:\d+$/);
  });

  it('are there for every role, in each kind of file', () => {
    for (const kind of ['compose', 'kubernetes', 'vamg-']) {
      const roles = commands.filter(([where]) => where.startsWith(kind)).map(([, , role]) => role);
      expect([...new Set(roles)].sort()).toEqual([...QUEUE_ROLES].sort());
    }
  });

  it('of one machine do not share a port', () => {
    const flags = units.map((name) => parseWorker(unitSettings(name).get('ExecStart')!.replace('${GPUS}', '0').split(' ').slice(2)));
    const ports = flags.flatMap(({ healthPort, prometheus }) => [String(healthPort), String(prometheus).split(':')[1]]);
    expect(new Set(ports).size).toBe(2 * units.length);
  });
});

describe('cleaning the store', () => {
  const job = manifests().find(({ kind }) => kind === 'CronJob')!.spec as { jobTemplate: { spec: { template: { spec: { containers: { args: string[]; securityContext: object }[]; securityContext: object } } } } };
  const pod = job.jobTemplate.spec.template.spec;
  const given: [string, string[]][] = [
    ['kubernetes', pod.containers[0]!.args],
    ['systemd', unitSettings(CLEANING).get('ExecStart')!.split(' ').slice(2)],
  ];

  it.each(given)('%s gives flags that the program knows', (_where, args) => {
    const program = createProgram();
    const clean = program.commands.find((command) => command.name() === 'store')!.commands.find((command) => command.name() === 'clean')!;
    let flags: Record<string, unknown> = {};
    clean.action((read: Record<string, unknown>) => void (flags = read));
    program.parse(args, { from: 'user' });
    expect(flags['olderThan']).toBe('30d');
  });

  it('has no more rights than a worker, and a timer', () => {
    expect(pod.containers[0]!.securityContext).toEqual((podOf(deployments[0]!).containers[0] as { securityContext: object }).securityContext);
    expect(pod.securityContext).toEqual(podOf(deployments[0]!).securityContext);
    expect(readText('systemd/vamg-clean-store.timer')).toMatch(/^OnCalendar=/m);
  });
});

describe('time to end is longer than shutdownForce', () => {
  it.each(Object.entries(compose.services).filter(([, { command }]) => command?.[0] === 'worker'))('compose %s', (_name, service) => {
    expect(durationMs(service.stop_grace_period!) / 1000).toBeGreaterThan(forceSeconds);
  });
  it.each(deployments.map((one) => [one.metadata.name, one] as const))('kubernetes %s', (_name, one) => {
    expect(podOf(one).terminationGracePeriodSeconds).toBeGreaterThan(forceSeconds);
  });
  it.each(units)('%s', (name) => {
    expect(Number(unitSettings(name).get('TimeoutStopSec'))).toBeGreaterThan(forceSeconds);
    expect(unitSettings(name).get('KillMode')).toBe('mixed');
  });
});

describe('environment', () => {
  const sources = ['adapters', 'workers', 'cli', 'models', 'activities', 'infra/bootstrap'].flatMap((folder) => filesBelow(path.join(ROOT, folder), /\.(ts|mjs)$/)).map((file) => readFileSync(file, 'utf8')).join('\n');
  const written = ['container/compose.yaml', 'container/Dockerfile', 'kubernetes/config.yaml', 'systemd/worker.env.example', ...services.map((name) => `systemd/${name}`)]
    .flatMap((name) => readText(name).match(/\bVAMG_[A-Z0-9_]+/g) ?? [])
    .filter((name) => !['VAMG_UID', 'VAMG_GID', 'VAMG_FILMS'].includes(name));

  it.each([...new Set(written)])('%s is read by the program', (name) => expect(sources).toContain(name));

  it('every variable that compose requires is in .env.example, without a value for secrets', () => {
    const example = readText('container/.env.example');
    const required = [...readText('container/compose.yaml').matchAll(/\$\{([A-Z0-9_]+):\?/g)].map((match) => match[1]!);
    expect(required.length).toBeGreaterThan(3);
    for (const name of required) expect(example).toMatch(new RegExp(`^${name}=$`, 'm'));
  });
});

describe('Kubernetes', () => {
  it('probes paths that the worker answers, on the port that it is told', () => {
    for (const one of deployments) {
      const container = podOf(one).containers[0]!;
      expect([container.livenessProbe.httpGet.path, container.readinessProbe.httpGet.path]).toEqual(['/livez', '/readyz']);
      const flags = parseWorker(container.args);
      const port = (name: string): number => container.ports.find((candidate) => candidate.name === name)!.containerPort;
      expect(port('health')).toBe(flags['healthPort']);
      expect(flags['prometheus']).toBe(`0.0.0.0:${port('metrics')}`);
      expect(podOf(one).securityContext.runAsNonRoot).toBe(true);
      expect(container.securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } });
    }
  });

  it('scales the inference queue of temporal.yaml', () => {
    const scaled = manifests().find(({ kind }) => kind === 'ScaledObject')!.spec as { scaleTargetRef: { name: string }; triggers: { metadata: Record<string, string> }[] };
    const queue = taskQueueName(temporal.taskQueuePrefix, 'inference');
    expect(deployments.map((one) => one.metadata.name)).toContain(scaled.scaleTargetRef.name);
    expect(scaled.triggers[0]!.metadata['taskQueue']).toBe(queue);
    for (const { metadata } of scaled.triggers.slice(1)) expect(metadata['query']).toContain(`"${queue}"`);
  });

  it('keeps the addresses of config.yaml in the autoscaler, and every manifest in the kustomization', () => {
    const config = manifests().find(({ kind }) => kind === 'ConfigMap')!.data!;
    expect(readText('kubernetes/autoscaling.yaml')).toContain(`endpoint: ${config['TEMPORAL_ADDRESS']}`);
    const listed = readYaml<{ resources: string[] }>('kubernetes/kustomization.yaml').resources;
    const there = readdirSync(path.join(INFRA, 'kubernetes')).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
    expect([...listed].sort()).toEqual(there.sort());
  });

  it('gives the store no more rights than reading, writing, removing and listing below its prefix', () => {
    const policy = JSON.parse(readText('kubernetes/s3-policy.json')) as { Statement: { Action: string[]; Resource: string; Condition?: { StringLike: { 's3:prefix': string[] } } }[] };
    const [bucket, prefix] = manifests().find(({ kind }) => kind === 'ConfigMap')!.data!['VAMG_STORE']!.slice('s3://'.length).split('/');
    expect(policy.Statement.map(({ Resource }) => Resource)).toEqual([`arn:aws:s3:::${bucket}/${prefix}/*`, `arn:aws:s3:::${bucket}`]);
    expect(policy.Statement[1]!.Condition!.StringLike['s3:prefix']).toEqual([`${prefix}/*`]);
    for (const action of policy.Statement.flatMap(({ Action }) => Action)) expect(action).toMatch(/^s3:(Get|Put|Delete)Object$|^s3:AbortMultipartUpload$|^s3:List[A-Za-z]+$/);
  });
});

describe('the image', () => {
  const dockerfile = readText('container/Dockerfile');

  it('takes what the program reads at run time: packages, build, bundles, temporal.yaml', () => {
    const copied = dockerfile.split('\n').filter((line) => line.startsWith('COPY --from=build')).flatMap((line) => line.match(/\/opt\/vamg\/[A-Za-z0-9_./-]+/g) ?? []).map((name) => name.slice('/opt/vamg/'.length));
    expect(copied).toEqual(expect.arrayContaining(['package.json', 'temporal.yaml', 'node_modules', 'dist', 'models/bundles']));
    for (const name of copied.filter((one) => !['dist', 'node_modules'].includes(one))) expect(existsSync(path.join(ROOT, name))).toBe(true);
  });

  it('does not run as root and pins what it starts from', () => {
    expect(dockerfile).toMatch(/^USER 10001:10001$/m);
    for (const [, image] of dockerfile.matchAll(/^ARG \w+_IMAGE=(.+)$/gm)) expect(image).toMatch(/:[\w.-]*\d/);
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/:(\$\{VARIANT:-cpu\}|[\w.-]*\d[\w.-]*)$/);
  });

  it('every port of compose is bound to this machine alone', () => {
    for (const { ports = [] } of Object.values(compose.services)) for (const port of ports) expect(port).toMatch(/^127\.0\.0\.1:/);
  });
});

function filesBelow(folder: string, name: RegExp): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && name.test(entry.name))
    .map((entry) => path.join(entry.parentPath, entry.name));
}
