import { testOperation } from '../testing/test-operation.ts';
import { cases } from './target-registration.cases.ts';

testOperation(cases);
