// The demonstration: a bank is recovered on the simulated AWS, at 60 times the speed of real time.
import { ROOT } from './ensure.mjs';
import { runCommandLine } from './run-pinned.mjs';

const drill = ['run', 'examples/core-banking/plan.yaml', '--drill'];
const world = ['--scenario', 'examples/core-banking/estate.yaml', '--speed', '60'];
// Without a terminal nobody can answer at the pause after wave 2.
const unattended = process.stdin.isTTY ? [] : ['--auto-resume'];

runCommandLine([...drill, ...world, ...unattended, ...process.argv.slice(2)], { cwd: ROOT });
