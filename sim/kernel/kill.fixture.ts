/** A simulation in a process of its own, for `kill.test.ts`: keeps its world in the file of its first argument. */
import { listen } from './http-server.ts';
import { sqlitePersistence } from './sqlite-persistence.ts';
import { testSimulation } from './testing.ts';

const persistence = sqlitePersistence(process.argv[2]!);
const startsAt = persistence.load()?.now;
const { core } = testSimulation({}, { persistence, ...(startsAt === undefined ? {} : { startsAt }) });
const { url } = await listen(core);
process.send!(url);
