// `npm test`: everything that says whether this clone is sound. Runs all checks even when one fails, and ends with a
// line `N passed, N failed`. Arguments are passed to vitest as filters.
import { ensureChromium } from '@millrace/local-infra';
import { runCheck, staticChecks } from './checks/static-checks.js';
import { runVitest } from './checks/vitest-run.js';
import { step } from './output/progress.js';

let passed = 0;
let failed = 0;

for (const check of staticChecks) {
  try {
    await step(check.name, () => runCheck(check));
    passed += 1;
  } catch (error) {
    failed += 1;
    console.log(error instanceof Error ? error.message : error);
  }
}

try {
  await step('Chromium for browser tests', async ({ note }) => ensureChromium(note));
} catch (error) {
  // The tests that need it fail and say so; the others run.
  console.log(error instanceof Error ? error.message : error);
}

const specs = await runVitest(process.argv.slice(2));
console.log(`${passed + specs.passed} passed, ${failed + specs.failed} failed`);
process.exitCode = failed + specs.failed > 0 ? 1 : 0;
