import { expect, test } from 'vitest';
import { unreachable } from './json.ts';

test('a value that lies about its type is named', () => {
  expect(() => unreachable({ kind: 'surprise' } as never)).toThrow('unreachable: {"kind":"surprise"}');
});
