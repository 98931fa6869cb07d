import { VamgError } from '../../contracts/errors';
import { commandName, type CliContext } from '../context';
import { isOwned } from './job-record';

/** Rejects when the command that runs the job's workers is gone. */
export function ownerGone(context: CliContext, id: string, signal: AbortSignal): Promise<never> {
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
