import { readFileSync } from 'node:fs';
import type { Plugin } from 'rolldown';

/**
 * Takes each version of a package into a bundle once. npm nests a package below each that needs it when another version stands at the
 * top: of `@smithy/core` there are sixteen equal copies.
 */
export function samePackages(): Plugin {
  const places = new Map<string, string>();
  return {
    name: 'same-packages',
    async resolveId(source, importer, { kind }) {
      const found = await this.resolve(source, importer, { skipSelf: true, kind });
      const folder = found === null ? undefined : /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(found.id)?.[0];
      if (found === null || folder === undefined) return found;
      const { name, version } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8')) as PackageFile;
      const first = places.get(`${name}@${version}`) ?? folder;
      places.set(`${name}@${version}`, first);
      return { ...found, id: first + found.id.slice(folder.length) };
    },
  };
}

interface PackageFile {
  readonly name: string;
  readonly version: string;
}
