import { Command } from 'commander';
import { registerArchiveCommand } from './commands/archive';
import { registerCancelCommand } from './commands/cancel';
import { registerCompletionCommand } from './commands/completion';
import { registerConfigCommand } from './commands/config';
import { registerDemoCommand } from './commands/demo';
import { registerDoctorCommand } from './commands/doctor';
import { registerEditCommand } from './commands/edit';
import { registerEvaluateCommand } from './commands/evaluate';
import { registerExportCommand } from './commands/export';
import { registerImageCommand } from './commands/image';
import { registerListCommand } from './commands/list';
import { registerModelsCommand } from './commands/models';
import { registerOverlayCommand } from './commands/overlay';
import { registerPauseCommand } from './commands/pause';
import { registerRestitchCommand } from './commands/restitch';
import { registerResumeCommand } from './commands/resume';
import { registerScheduleCommand } from './commands/schedule';
import { registerSegmentCommand } from './commands/segment';
import { registerStatusCommand } from './commands/status';
import { registerStoreCommand } from './commands/store';
import { registerViewCommand } from './commands/view';
import { registerWatchCommand } from './commands/watch';
import { registerWorkerCommand } from './commands/worker';
import { packageVersion } from './output/user-folder';

const EXAMPLES = `
Examples:
  vamg demo                          draw a small film, segment it, score the result
  vamg segment film.mp4              result in ./film-vamg; open film-vamg/index.html
  vamg segment film.mp4 --preset draft --end 10 --out try
  vamg view film-vamg                look at the result in the browser
  vamg resume                        go on with the job that was interrupted
  vamg archive films                 every video of a folder, each once
  vamg doctor                        is everything here that is needed?

From a clone, \`npm start -- <command>\` is \`vamg <command>\`.
Exit codes: 0 done, 1 the job failed, 2 wrong usage, 3 set-up missing, 130 interrupted (resumable).`;

const REGISTER = [
  registerSegmentCommand,
  registerDemoCommand,
  registerArchiveCommand,
  registerScheduleCommand,
  registerImageCommand,
  registerEvaluateCommand,
  registerExportCommand,
  registerOverlayCommand,
  registerStatusCommand,
  registerListCommand,
  registerWatchCommand,
  registerPauseCommand,
  registerResumeCommand,
  registerCancelCommand,
  registerRestitchCommand,
  registerViewCommand,
  registerEditCommand,
  registerModelsCommand,
  registerStoreCommand,
  registerWorkerCommand,
  registerDoctorCommand,
  registerConfigCommand,
  registerCompletionCommand,
] as const;

/** The whole command line, without running anything. Errors are thrown, not printed. */
export function createProgram(): Command {
  const program = new Command('vamg')
    .description('Give it a video of any length; get a mask and a stable ID for every object in every frame.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .showSuggestionAfterError(true)
    .exitOverride()
    .configureOutput({ writeErr: () => undefined, writeOut: (text) => void process.stdout.write(text) })
    .configureHelp({ helpWidth: Math.min(120, process.stdout.columns ?? 100) })
    .addHelpText('after', EXAMPLES);
  for (const register of REGISTER) register(program);
  return program;
}
