// Prints `N passed, N failed`, the tests of the last `npm run check`. Its argument is that command's exit code.
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './ensure.mjs';

const reports = ['tests.json', 'infra-tests.json'].map((name) => path.join(ROOT, 'coverage', name));
const files = reports
  .filter((report) => existsSync(report))
  .flatMap((report) => JSON.parse(readFileSync(report, 'utf8')).testResults);
const tests = files.flatMap((file) => file.assertionResults);
const passed = tests.filter((test) => test.status === 'passed').length;
const failedTests = tests.filter((test) => test.status === 'failed').length;
// A file that cannot be loaded has failed without a failed test.
const failedFiles = files.filter(
  (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
).length;
// Another step of the check, or the coverage, has failed though every test passed: that is no green run.
const failedChecks = process.argv[2] !== '0' && failedTests + failedFiles === 0 ? 1 : 0;

console.log(`${passed} passed, ${failedTests + failedFiles + failedChecks} failed`);
