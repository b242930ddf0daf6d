import { processIoHost } from '#cli/io-host.ts';
import { runCommandLine } from '#cli/program.ts';
import { localHost } from './local-host.ts';

const io = processIoHost();
process.exitCode = await runCommandLine(process.argv.slice(2), { io, local: localHost(io.environment) });
