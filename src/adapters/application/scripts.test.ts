import { testOperation } from '../testing/test-operation.ts';
import { cases } from './scripts.cases.ts';

testOperation(cases);
