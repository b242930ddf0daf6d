/**
 * Who may import whom. A room is a folder of `src`, or `sim`; it may always import itself. `packages` lists the packages
 * and Node modules that the room may use (a `*` at the end stands for anything); without it, it may use all but those
 * that `DOORS` keeps. Tests may import anything.
 */
export const ROOMS = {
  core: { rooms: [], packages: ['zod'] },
  clocks: { rooms: ['core'] },
  aws: { rooms: ['core'] },
  adapters: { rooms: ['aws', 'core'], packages: ['zod'] },
  solutions: { rooms: ['adapters', 'core'] },
  store: { rooms: ['core'] },
  engine: { rooms: ['core', 'aws'] },
  workflow: { rooms: ['adapters', 'store', 'core', 'aws'] },
  control: { rooms: ['engine', 'store', 'workflow', 'aws', 'core'] },
  api: { rooms: ['control', 'core'] },
  cli: { rooms: ['control', 'core'] },
  hosts: {
    rooms: [
      'api',
      'cli',
      'control',
      'workflow',
      'engine',
      'store',
      'adapters',
      'solutions',
      'aws',
      'clocks',
      'core',
      'sim',
    ],
  },
  sim: { rooms: [], files: ['src/core/clock.ts', 'src/core/json.ts'] },
};

/** Packages that only these rooms may use: they are the doors to what lies behind. */
export const DOORS = {
  '@aws-sdk/*': ['aws', 'sim'],
  '@smithy/*': ['aws', 'sim'],
  'node:sqlite': ['store', 'engine', 'hosts', 'sim'],
  commander: ['cli', 'hosts'],
};

/** Tests, and what only tests use. */
const TEST_CODE = /\.(test|cases)\.ts$|\/(testing|conformance)\/|\/conformance\.ts$|\/testing\.ts$/;

/** The room of a file named from the project's root; `null` for a file that belongs to none. */
export function roomOf(file) {
  const [top, name] = file.split('/');
  if (top === 'sim') return 'sim';
  return top === 'src' && name in ROOMS ? name : null;
}

/**
 * What is wrong with an import, or `null`. `from` is the importing file and `to` a file from the project's root, such as
 * `src/core/json.ts`, or a package.
 */
export function importProblem(from, to) {
  const room = roomOf(from);
  if (room === null || TEST_CODE.test(from)) return null;
  return /^(src|sim|test|bench)\//.test(to) ? fileProblem(room, to) : packageProblem(room, to);
}

function fileProblem(room, to) {
  const target = roomOf(to);
  const { rooms, files = [] } = ROOMS[room];
  if (target === room || rooms.includes(target) || files.includes(to)) return null;
  const allowed = [...rooms, ...files].join(', ') || 'no other room';
  return `${room} may not import ${to}; it may import ${allowed}`;
}

function packageProblem(room, name) {
  const { packages } = ROOMS[room];
  if (packages !== undefined && !packages.some((pattern) => matches(pattern, name))) {
    return `${room} may not use ${name}; it may use ${packages.join(', ')}`;
  }
  const door = Object.keys(DOORS).find((pattern) => matches(pattern, name));
  if (door === undefined || DOORS[door].includes(room)) return null;
  return `${room} may not use ${name}; only ${DOORS[door].join(', ')} may`;
}

function matches(pattern, name) {
  if (pattern.endsWith('*')) return name.startsWith(pattern.slice(0, -1));
  return name === pattern || name.startsWith(`${pattern}/`);
}
