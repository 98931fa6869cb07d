import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments, parse } from 'yaml';

export const INFRA = path.join(__dirname, '../../../infra');

export const readText = (name: string): string => readFileSync(path.join(INFRA, name), 'utf8');
export const readYaml = <T>(name: string): T => parse(readText(name), { merge: true }) as T;

export interface ComposeService {
  readonly image?: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
  readonly ports?: readonly string[];
}

export interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly data?: Readonly<Record<string, string>>;
  readonly spec: unknown;
}

export interface Container {
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly readinessProbe: { readonly httpGet: { readonly path: string } };
  readonly livenessProbe: { readonly httpGet: { readonly path: string } };
  readonly securityContext: object;
}

/** All documents of the Kubernetes manifests. */
export function manifests(): Manifest[] {
  const files = readdirSync(path.join(INFRA, 'kubernetes')).filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml');
  return files.flatMap((name) => parseAllDocuments(readText(`kubernetes/${name}`)).map((document) => document.toJS() as Manifest));
}

export interface PodSpec {
  readonly terminationGracePeriodSeconds: number;
  readonly containers: readonly Container[];
  readonly securityContext: { readonly runAsNonRoot: boolean };
}

export const podOf = (deployment: Manifest): PodSpec => (deployment.spec as { template: { spec: PodSpec } }).template.spec;

/** Lines `Key=value` of a systemd unit. */
export function unitSettings(name: string): Map<string, string> {
  const lines = readText(`systemd/${name}`).split('\n').filter((line) => /^[A-Z][A-Za-z]*=/.test(line));
  return new Map(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
