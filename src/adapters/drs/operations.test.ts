import { testOperation } from '../testing/test-operation.ts';
import { cases as recoveryCases } from './recovery.cases.ts';
import { cases as terminateCases } from './terminate.cases.ts';

testOperation([...recoveryCases, ...terminateCases]);
