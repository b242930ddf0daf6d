import { testOperation } from '../testing/test-operation.ts';
import { cases } from './failover.cases.ts';

testOperation(cases);
