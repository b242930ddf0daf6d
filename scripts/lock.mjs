// Plain JavaScript without dependencies: runs under Node 20 before anything is installed.
import { readFileSync } from 'node:fs';

/** The `packages` of a lock file of npm, by the places where they stand. `''` is this project. */
export function readPackages(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Where a package finds another, as Node looks: beside itself, then in each folder above. `null`: nowhere. */
export function findPackage(packages, place, name) {
  const nested = place === '' ? `node_modules/${name}` : `${place}/node_modules/${name}`;
  if (nested in packages) return nested;
  if (place === '') return null;
  return findPackage(packages, place.slice(0, Math.max(place.lastIndexOf('/node_modules/'), 0)), name);
}

/** The places of all that this project needs itself, without what only its workspaces need. */
export function ownPackages(packages) {
  const found = new Set(['']);
  // A set can grow while it is walked through.
  for (const place of found) {
    for (const name of wantedBy(packages[place], place === '')) {
      const at = findPackage(packages, place, name);
      if (at !== null) found.add(at);
    }
  }
  return [...found].filter((place) => place !== '');
}

function wantedBy(locked, isProject) {
  const { dependencies, optionalDependencies, peerDependencies = {}, peerDependenciesMeta = {} } = locked;
  const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
  const own = { ...dependencies, ...optionalDependencies, ...(isProject && locked.devDependencies) };
  return [...Object.keys(own), ...peers];
}
