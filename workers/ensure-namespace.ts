import type { Connection } from '@temporalio/client';
import { isGrpcServiceError } from '@temporalio/client';
import { durationMs, type TemporalConfig } from '../contracts/temporal-config';

const GRPC_NOT_FOUND = 5;
const GRPC_ALREADY_EXISTS = 6;
/** temporal.api.enums.v1.IndexedValueType. */
const TYPES = { Keyword: 2, Int: 3, Double: 4, Bool: 5, Datetime: 6 } as const;

/** Create the namespace when the server does not have it. Safe to repeat. */
export async function ensureNamespace(connection: Connection, namespace: string, config: TemporalConfig): Promise<void> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
  } catch (error) {
    if (!hasCode(error, GRPC_NOT_FOUND)) throw error;
    const seconds = durationMs(config.namespace.retention) / 1000;
    const request = { namespace, workflowExecutionRetentionPeriod: { seconds: seconds as never } };
    await connection.workflowService.registerNamespace(request).catch(ignore(GRPC_ALREADY_EXISTS));
  }
}

/** Names in temporal.yaml that the namespace does not know as search attributes, or knows with another type. */
export async function missingSearchAttributes(connection: Connection, namespace: string, config: TemporalConfig): Promise<string[]> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  return Object.entries(config.searchAttributes)
    .filter(([name, type]) => Number(customAttributes[name]) !== TYPES[type])
    .map(([name]) => name);
}

/** Add what is missing. Safe to repeat. */
export async function ensureSearchAttributes(connection: Connection, namespace: string, config: TemporalConfig): Promise<void> {
  const missing = await missingSearchAttributes(connection, namespace, config);
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((name) => [name, TYPES[config.searchAttributes[name] ?? 'Keyword'] as never]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes }).catch(ignore(GRPC_ALREADY_EXISTS));
}

function hasCode(error: unknown, code: number): boolean {
  return isGrpcServiceError(error) && (error.code as number) === code;
}

function ignore(code: number): (error: unknown) => undefined {
  return (error) => {
    if (!hasCode(error, code)) throw error;
    return undefined;
  };
}
