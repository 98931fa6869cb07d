import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';

export interface RecordedHistory {
  readonly workflowId: string;
  readonly history: unknown;
}

interface ProtoJson {
  fromJson(type: unknown, value: unknown): unknown;
}

/**
 * Recorded histories in the form that Worker.runReplayHistories takes without converting. Its own conversion from JSON fails with
 * "type must be a Type" where npm installs protobufjs once per @temporalio package (as beside onnxruntime's or grpc's older one),
 * so the copy that belongs to @temporalio/proto does it here.
 */
export function loadHistories(folder: string): RecordedHistory[] {
  const common = createRequire(require.resolve('@temporalio/common'));
  const proto = createRequire(common.resolve('@temporalio/proto'));
  const protoJson = proto('protobufjs/ext/protojson') as ProtoJson;
  const { patchProtobufRoot } = common('@temporalio/proto/lib/patch-protobuf-root') as { patchProtobufRoot(root: unknown): { lookupType(name: string): unknown } };
  const historyType = patchProtobufRoot(common('@temporalio/proto')).lookupType('temporal.api.history.v1.History');
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  return names.map((name) => ({
    workflowId: name.replace('.json', ''),
    history: protoJson.fromJson(historyType, JSON.parse(readFileSync(path.join(folder, name), 'utf8'))),
  }));
}
