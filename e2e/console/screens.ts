import type { Page } from 'playwright-core';
import { flowFile } from './forms.fixture.js';
import type { Seed } from './seed.fixture.js';

/** A view of the console that is looked at as a whole: for its accessibility, its width, its picture. */
export interface Screen {
  /** Part of the picture's file name. */
  name: string;
  /** On the console that is looked at, or a whole address. */
  path: string;
  /** What is done before it is looked at: a menu that is opened, data that is waited for. */
  prepare?(page: Page): Promise<unknown>;
  /** True: looked at before the sign-in. */
  signedOut?: boolean;
}

/** Every screen but that of the set-up, which is there only before anything else. A page that is added, or a state of one that looks different, gets its line here. */
export function screens(seed: Seed): Screen[] {
  return [
    { name: 'sign-in', path: '/sign-in', signedOut: true },
    { name: 'sign-in-refused', path: '/sign-in', signedOut: true, prepare: signInWrongly },
    { name: 'dashboard', path: '/' },
    { name: 'account-menu', path: '/', prepare: openAccountMenu },
    { name: 'help', path: '/help' },
    { name: 'tutorial', path: '/tutorial' },
    { name: 'tutorial-begun', path: '/tutorial', prepare: beginTutorial },
    { name: 'flows', path: '/flows' },
    { name: 'flow-import', path: '/flows', prepare: importFlows },
    { name: 'designer', path: `/flows/${seed.flowId}` },
    { name: 'flow-settings', path: `/flows/${seed.flowId}`, prepare: (page) => openDrawer(page, 'Flow settings') },
    { name: 'versions', path: `/flows/${seed.flowId}`, prepare: (page) => openDrawer(page, 'Versions') },
    { name: 'component-chooser', path: `/flows/${seed.emptyFlowId}`, prepare: findComponent },
    { name: 'step-of-webhook', path: `/flows/${seed.flowId}?step=step_1`, prepare: waitForStep },
    { name: 'step-mapping', path: `/flows/${seed.flowId}?step=step_2&field=/mapping/name`, prepare: waitForStep },
    { name: 'runs', path: '/runs' },
    { name: 'run', path: `/runs/${seed.runId}` },
    { name: 'run-failed', path: `/runs/${seed.failedRunId}` },
    { name: 'run-waiting', path: `/runs/${seed.waitingRunId}` },
    { name: 'incidents', path: '/incidents' },
    { name: 'rejections', path: '/rejections' },
    { name: 'parked', path: '/parked' },
    { name: 'credentials', path: '/credentials' },
    { name: 'credential-new', path: '/credentials', prepare: createCredential },
    { name: 'components', path: '/components' },
    { name: 'component', path: '/components/petstore' },
    { name: 'account', path: '/account' },
    { name: 'api-tokens', path: '/api-tokens' },
    { name: 'users', path: '/users' },
    { name: 'audit', path: '/audit' },
    { name: 'workspace', path: '/workspace' },
    { name: 'not-connected', path: '/connected?state=unknown&error=access_denied', prepare: waitForProblem },
    { name: 'not-found', path: '/no/such/page' },
  ];
}

async function signInWrongly(page: Page): Promise<void> {
  await page.getByRole('textbox', { name: 'E-mail address' }).fill('someone@example.com');
  await page.getByLabel(/^Password/).fill('wrong');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('alert').waitFor();
}

async function waitForProblem(page: Page): Promise<void> {
  await page.getByRole('alert').waitFor();
}

async function openAccountMenu(page: Page): Promise<void> {
  await page.getByRole('button', { name: /Account of/ }).click();
  await page.getByRole('menuitem', { name: 'Sign out' }).waitFor();
}

async function openDrawer(page: Page, name: string): Promise<void> {
  await page.getByRole('button', { name: 'More of this flow' }).click();
  await page.getByRole('menuitem', { name }).click();
  await page.getByRole('dialog', { name }).waitFor();
}

/** One file that is refused, and one that is taken and lacks a credential. */
async function importFlows(page: Page): Promise<void> {
  const credentials = { step_1: { component: 'webhook', name: 'Nobody has it' } };
  const files = [flowFile('Odd', { format: 'other' }), flowFile('Imported', { credentials })];
  await page.getByLabel('File of a flow').setInputFiles(files);
  await page.getByText(/Imported.* is imported as a draft/).waitFor();
}

async function findComponent(page: Page): Promise<void> {
  await page
    .getByRole('searchbox', { name: 'Find a component' })
    .or(page.getByLabel('Find a component'))
    .first()
    .waitFor();
}

async function waitForStep(page: Page): Promise<void> {
  await page
    .getByRole('button', { name: /^(Continue|Finish step)$/ })
    .first()
    .waitFor();
}

async function createCredential(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Create new credential' }).first().click();
  await page.getByRole('dialog').waitFor();
}

async function beginTutorial(page: Page): Promise<void> {
  const begin = page.getByRole('button', { name: 'Begin the tutorial' });
  if (await begin.isVisible()) await begin.click();
  await page.getByRole('progressbar').waitFor({ state: 'attached' });
}
