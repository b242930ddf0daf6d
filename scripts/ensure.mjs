// Plain JavaScript without dependencies: runs under Node 20 before anything is installed.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ownPackages, readPackages } from './lock.mjs';

const OLDEST_NODE = 20;

/** The project's root, with symbolic links resolved. */
export const ROOT = path.dirname(path.dirname(fileURLToPath(import.meta.url)));

const MODULES = path.join(ROOT, 'node_modules');
const LOCK = path.join(ROOT, 'package-lock.json');
const INSTALLED_LOCK = path.join(MODULES, '.package-lock.json');

/** Installs the packages if they are missing or out of date. Returns the path of the pinned Node. Ends the process on failure. */
export function ensureInstalled() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < OLDEST_NODE) {
    fail(`this is Node ${process.versions.node}: Breakwater needs Node ${OLDEST_NODE} or newer to start`);
  }
  const reason = whyInstall();
  if (reason !== null) install(reason);
  return pinnedNode();
}

/** npm keeps a lock file of what it has installed: that tells whether anything is missing or of another version. */
function whyInstall() {
  if (!existsSync(INSTALLED_LOCK)) return 'they are not installed yet';
  const installed = readPackages(INSTALLED_LOCK);
  const locked = readPackages(LOCK);
  const isInstalled = (place) => {
    const { version, optional, devOptional } = locked[place];
    // Optional packages may be for another platform.
    return place in installed ? installed[place].version === version : (optional ?? devOptional ?? false);
  };
  return ownPackages(locked).every(isInstalled) ? null : 'package-lock.json has changed';
}

function install(reason) {
  // On stderr, so that the output of `breakwater --json` stays clean.
  process.stderr.write(`Installing packages (${reason}): npm ci --workspaces=false\n`);
  const windows = process.platform === 'win32';
  const stdio = ['inherit', process.stderr, 'inherit'];
  // What the workspaces need besides is large and only for those who deploy: they install it themselves (infra/README.md).
  const args = ['ci', '--workspaces=false', '--no-fund', '--no-audit', '--loglevel=error'];
  const result = spawnSync('npm', args, {
    cwd: ROOT,
    stdio,
    shell: windows,
  });
  if (result.error) fail(`npm could not be started: ${result.error.message}`);
  if (result.status !== 0) fail('npm ci failed; its messages are above');
}

function pinnedNode() {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const found = path.join(MODULES, 'node', 'bin', binary);
  if (existsSync(found)) return found;
  return fail(`the pinned Node is not at ${found}: run "npm rebuild node" (its install script has to run)`);
}

function fail(message) {
  process.stderr.write(`breakwater: ${message}\n`);
  process.exit(1);
}
