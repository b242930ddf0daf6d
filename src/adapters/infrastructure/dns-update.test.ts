import { testOperation } from '../testing/test-operation.ts';
import { cases } from './dns-update.cases.ts';

testOperation(cases);
