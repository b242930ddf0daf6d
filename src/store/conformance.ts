import { afterEach, beforeEach, describe } from 'vitest';
import { testExpectations } from './conformance/expectations.ts';
import { testIndex, testQueries, testScans } from './conformance/queries.ts';
import { testRefusals } from './conformance/refusals.ts';
import { testRows } from './conformance/rows.ts';
import type { Store } from './port.ts';

/** What every store must do. `open` answers an empty store; `close` disposes of it. */
export function testStore({
  open,
  close,
}: {
  open: () => Promise<Store>;
  close: (store: Store) => Promise<void>;
}): void {
  let store: Store;
  beforeEach(async () => {
    store = await open();
  });
  afterEach(() => close(store));

  describe('rows', () => testRows(() => store));
  describe('expectations', () => testExpectations(() => store));
  describe('queries', () => testQueries(() => store));
  describe('queries by index', () => testIndex(() => store));
  describe('scans', () => testScans(() => store));
  describe('refusals', () => testRefusals(() => store));
}
