import type { FailureName } from '../contracts/errors';
import type { WorkerRole } from '../contracts/messages';

export interface EmbeddedStart {
  readonly roles: readonly WorkerRole[];
  readonly address?: string;
  readonly slots?: Partial<Record<WorkerRole, number>>;
  readonly logFile?: string;
}

export type EmbeddedMessage = { readonly type: 'ready' } | { readonly type: 'failed'; readonly failure: FailureName; readonly message: string };
