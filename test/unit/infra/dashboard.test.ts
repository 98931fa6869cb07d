import { FAILURES } from '../../../contracts/errors';
import { METRICS } from '../../../contracts/metrics';
import { readText, readYaml } from './deployment-files';

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

const dashboard = JSON.parse(readText('container/grafana/dashboards/video-amg.json')) as { panels: { title: string; targets: { expr: string }[] }[] };
const rules = readYaml<{ groups: { rules: Rule[] }[] }>('container/prometheus/alerts.yml').groups.flatMap((group) => group.rules);
const autoscaler = readText('kubernetes/autoscaling.yaml');
const expressions = [...dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)), ...rules.map(({ expr }) => expr), autoscaler];

const specs = Object.values(METRICS);
const series = new Set(specs.flatMap(({ name, kind }) => (kind === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name])));
/** Seen at a worker's endpoint; `test/e2e/worker.test.ts` reads one of them there. */
const SDK_SERIES = ['temporal_worker_task_slots_used', 'temporal_worker_task_slots_available', 'temporal_num_pollers', 'temporal_workflow_task_execution_failed'];

describe('dashboard, alerts and autoscaler', () => {
  it('ask for metrics that there are', () => {
    for (const name of expressions.flatMap((text) => text.match(/\b(?:vamg|temporal)_[a-z_]+\b/g) ?? [])) expect([...series, ...SDK_SERIES]).toContain(name);
  });

  it('show every metric of ours', () => {
    const shown = dashboard.panels.flatMap((panel) => panel.targets.map(({ expr }) => expr)).join('\n');
    for (const { name } of specs) expect(shown).toContain(name);
  });

  it('group by labels that the metrics have', () => {
    for (const expr of expressions) {
      const ours = specs.filter(({ name }) => expr.includes(name));
      const labels = [...expr.matchAll(/(?<!count )\bby \(([^)]+)\)/g)].flatMap((match) => match[1]!.split(',').map((label) => label.trim()));
      if (ours.length !== 1 || expr === autoscaler) continue;
      for (const label of labels) expect([...ours[0]!.labels, 'le', 'taskQueue', 'activityType', 'namespace']).toContain(label);
    }
  });

  it('name failure classes of the catalogue', () => {
    const named = rules.flatMap(({ expr }) => [...expr.matchAll(/failure=~"([^"]+)"/g)].flatMap((match) => match[1]!.split('|')));
    expect(named.length).toBeGreaterThan(5);
    for (const name of named) expect(Object.keys(FAILURES)).toContain(name);
  });

  it('are explained in docs/operations.md', () => {
    const runbook = readText('../docs/operations.md');
    for (const { name } of specs) expect(runbook).toContain(`\`${name}\``);
    for (const { alert } of rules) expect(runbook).toContain(alert);
  });
});
