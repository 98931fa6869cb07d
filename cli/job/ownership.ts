import { VamgError } from '../../contracts/errors';
import { commandName, type CliContext } from '../context';
import type { Engine } from '../embedded/engine';
import { isOwned, type JobRecord } from './job-record';
import type { Session } from './session';

/** Who does the work of a job or a run on this machine. */
export interface Ownership {
  /** Another command. */
  readonly hasOwner: boolean;
  /** The engine of this command, when that is to do it. */
  readonly ours: Engine | null;
  /** For the record. */
  readonly ownerPid: number | null;
}

/** @param known what this machine remembers of it. @param hasEnded nothing is left to do */
export function ownershipOf(known: JobRecord | null, { engine }: Session, hasEnded: boolean): Ownership {
  const hasOwner = known !== null && isOwned(known);
  const ours = hasOwner || hasEnded ? null : engine;
  return { hasOwner, ours, ownerPid: ours !== null ? process.pid : hasOwner ? known.ownerPid : null };
}

/** How somebody who watches it notices that nobody works on it. */
export interface LifeSigns {
  /** To be called once when no worker has answered for a while. */
  readonly onSilence: () => void;
  /** Rejects when it cannot go on: its workers ended. */
  readonly broken?: Promise<never>;
}

export function lifeSigns(context: CliContext, id: string, { engine }: Session, { hasOwner }: Ownership, signal: AbortSignal): LifeSigns {
  const onSilence = (): void => {
    if (engine === null) context.out.note('no worker has answered yet; start some with `vamg worker --role all` where TEMPORAL_ADDRESS and VAMG_STORE are the same');
  };
  const broken = hasOwner ? ownerGone(context, id, signal) : engine?.broken;
  return { onSilence, ...(broken !== undefined && { broken }) };
}

/** Rejects when the command that runs the job's workers is gone. */
function ownerGone(context: CliContext, id: string, signal: AbortSignal): Promise<never> {
  const gone = new Promise<never>((_resolve, reject) => {
    const timer = setInterval(() => {
      void context.records.find(id).then((record) => {
        if (record !== null && (isOwned(record) || record.state !== 'unfinished')) return;
        clearInterval(timer);
        reject(new VamgError('InferenceFailed', `The command that was running job ${id} has ended; go on with \`${commandName()} resume ${id}\`.`));
      });
    }, 2000);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
  });
  gone.catch(() => undefined);
  return gone;
}
