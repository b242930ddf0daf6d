import { missing, readText, wrongType } from './scalars.ts';
import type { Member, Shape, StructureShape } from './shapes.ts';

/** How the two dialects of form-encoded requests name things. */
export interface QueryDialect {
  /** ec2Query: names are `ec2QueryName` or start with a capital letter, lists are always flat. */
  readonly isEc2: boolean;
}

/** A form field's path `A.B.1` as a tree. */
interface Node {
  text?: string;
  children?: Map<string, Node>;
}

/** Reads the fields of a form, such as `Filters.member.1.Name`, as a structure. */
export function readForm(
  shape: StructureShape,
  form: URLSearchParams,
  dialect: QueryDialect,
): Record<string, unknown> {
  const root: Node = {};
  for (const [key, value] of form) {
    let node = root;
    for (const part of key.split('.')) {
      node.children ??= new Map();
      let child = node.children.get(part);
      if (child === undefined) node.children.set(part, (child = {}));
      node = child;
    }
    node.text = value;
  }
  return readStructure(shape, root, dialect);
}

function readStructure(shape: StructureShape, node: Node, dialect: QueryDialect): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const member of shape.members) {
    const child = node.children?.get(nameOf(member, dialect));
    if (child !== undefined) result[member.name] = readNode(member, child, dialect);
    else if (member.required && !isEmptyStructure(member.shape)) throw missing(member.name);
    else if (member.required) result[member.name] = {};
  }
  return result;
}

/** A structure without members leaves no trace in a form. */
function isEmptyStructure(shape: Shape): boolean {
  return shape.kind === 'structure' && shape.members.length === 0;
}

function nameOf(member: Member, { isEc2 }: QueryDialect): string {
  const { ec2QueryName, xmlName } = member.merged;
  if (isEc2 && ec2QueryName !== undefined) return ec2QueryName;
  const name = xmlName ?? member.name;
  return isEc2 ? name[0]!.toUpperCase() + name.slice(1) : name;
}

function readNode(member: Member, node: Node, dialect: QueryDialect): unknown {
  const { shape } = member;
  switch (shape.kind) {
    case 'structure':
      return readStructure(shape, node, dialect);
    case 'list': {
      const isFlat = dialect.isEc2 || member.merged.xmlFlattened !== undefined;
      const list = isFlat ? node : node.children?.get(shape.item.merged.xmlName ?? 'member');
      return inOrder(list).map((item) => readNode(shape.item, item, dialect));
    }
    case 'map': {
      const isFlat = member.merged.xmlFlattened !== undefined;
      const entries = inOrder(isFlat ? node : node.children?.get('entry'));
      return Object.fromEntries(
        entries.map(({ children }) => {
          const key = children?.get(shape.key.merged.xmlName ?? 'key')?.text ?? '';
          const value = children?.get(shape.value.merged.xmlName ?? 'value') ?? { text: '' };
          return [key, readNode(shape.value, value, dialect)];
        }),
      );
    }
    default:
      if (node.text === undefined) throw wrongType(member.name, 'a value', null);
      return readText(shape, node.text, member.name, 'date-time');
  }
}

/** The children `1`, `2`, … in the order of their numbers. */
function inOrder(node: Node | undefined): Node[] {
  if (node?.children === undefined) return [];
  return [...node.children].sort(([a], [b]) => Number(a) - Number(b)).map(([, child]) => child);
}
