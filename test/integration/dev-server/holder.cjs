/* global process, __dirname */
// Starts or joins the dev server of a home folder, says where it is, and holds on to it until its standard input closes.
const path = require('node:path');
const dist = path.join(__dirname, '..', '..', '..', 'dist');
const { startDevServer } = require(path.join(dist, 'infra', 'dev-server', 'start-dev-server.js'));
const { loadConfig } = require(path.join(dist, 'workers', 'config.js'));

async function main() {
  const supervisorEntry = path.join(dist, 'infra', 'dev-server', 'supervisor.js');
  const server = await startDevServer({ binary: process.env.TEMPORAL_CLI_PATH, home: process.argv[2], config: loadConfig().temporal, supervisorEntry });
  process.stdout.write(`${JSON.stringify(server)}\n`);
  process.stdin.resume();
  process.stdin.once('end', () => server.stop().then(() => process.exit(0)));
}
main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
