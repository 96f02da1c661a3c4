// `npm run screenshots`: pictures of every screen of the console into docs/screens, light and dark, at 1280 and 390 px.
// They are taken by the test that looks at every screen, on a stack of its own.
import { ensureChromium } from '@millrace/local-infra';
import { runVitest } from './checks/vitest-run.js';
import { step } from './output/progress.js';
import { inRepository } from './repository.js';

await step('Chromium', ({ note }) => ensureChromium(note));
process.env['SCREENS_DIR'] = inRepository('docs', 'screens');
const { failed } = await runVitest(['--project', 'console', 'e2e/console/screens.e2e.spec.ts']);
process.exitCode = failed > 0 ? 1 : 0;
