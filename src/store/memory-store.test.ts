import { testStore } from './conformance.ts';
import { memoryStore } from './memory-store.ts';

testStore({ open: async () => memoryStore(), close: (store) => store.close() });
