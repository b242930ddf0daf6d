// Rules of this project that no linter knows. Loaded by oxlint (`jsPlugins`).
import path from 'node:path';
import { importProblem } from './rooms.mjs';

const ROOT = path.dirname(import.meta.dirname);

const rooms = {
  create(context) {
    const from = path.relative(ROOT, context.filename).replaceAll(path.sep, '/');
    const check = ({ source, importKind, exportKind }) => {
      if (source?.type !== 'Literal') return;
      // The shapes of a package are no dependency at run time; another room's shapes bind as its functions do.
      const isTypeOfPackage = (importKind === 'type' || exportKind === 'type') && !/^[.#]/.test(source.value);
      if (isTypeOfPackage) return;
      const problem = importProblem(from, targetOf(from, source.value));
      if (problem !== null) context.report({ node: source, message: problem });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};

/** The file or package that a specifier names: `#core/x.ts` and `../core/x.ts` are both `src/core/x.ts`. */
function targetOf(from, specifier) {
  if (specifier.startsWith('.')) return path.posix.join(path.posix.dirname(from), specifier);
  if (!specifier.startsWith('#')) return specifier;
  return specifier.startsWith('#sim/') ? specifier.slice(1) : `src/${specifier.slice(1)}`;
}

/** `deny`: names of error classes that may not be thrown, because they have no code. */
const noRawError = {
  meta: { schema: [{ type: 'object', properties: { deny: { type: 'array', items: { type: 'string' } } } }] },
  create(context) {
    const { deny } = context.options[0];
    return {
      ThrowStatement({ argument }) {
        const name = argument.type === 'NewExpression' ? argument.callee.name : undefined;
        if (!deny.includes(name)) return;
        context.report({
          node: argument,
          message: `throw an error with a code (BreakwaterError), not ${name}`,
        });
      },
    };
  },
};

export default { meta: { name: 'breakwater' }, rules: { rooms, 'no-raw-error': noRawError } };
