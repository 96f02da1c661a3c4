import { Buffer } from 'node:buffer';
import type { Locator, Page } from 'playwright-core';

/** A form that saves something, filled in by a test. */
export interface Form {
  name: string;
  path: string;
  /** Method and address of the call that saves. */
  saves: readonly [method: string, address: string];
  /** A field of what is saved, as the control plane names it in a refusal. */
  pointer: string;
  /** Opens the form. */
  open: (page: Page) => Promise<unknown>;
  /** What is typed, field by field. */
  typed: readonly (readonly [field: (page: Page) => Locator, value: string])[];
  /** Chooses what is not typed; `saved` shows it. */
  choose?: (page: Page) => Promise<unknown>;
  save: (page: Page) => Locator;
  /** What is there when it is saved. */
  saved: (page: Page) => Locator;
}

const button = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const inDialog = (page: Page, name: string) => page.getByRole('dialog').getByRole('button', { name, exact: true });
const text = (name: string) => (page: Page) => page.getByRole('textbox', { name, exact: true });
const dialogText = (name: string) => (page: Page) =>
  page.getByRole('dialog').getByRole('textbox', { name, exact: true });

/** A flow as a file. */
export function flowFile(name: string, fields: object = {}): { name: string; mimeType: string; buffer: Buffer } {
  const steps = [{ id: 'step_1', component: 'webhook', operation: 'receive' }];
  const document = { format: 'millrace.flow', version: 1, name, draft: { steps, edges: [] }, ...fields };
  return { name: `${name}.json`, mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(document)) };
}

/** Every form of the console that saves with a button. */
export function forms(flowId: string): Form[] {
  return [
    {
      name: 'name of a flow',
      path: `/flows/${flowId}`,
      saves: ['PATCH', `/v1/flows/${flowId}`],
      pointer: '/name',
      open: (page) => button(page, 'Rename the flow').click(),
      typed: [[text('Name of the flow'), 'The wrong trousers']],
      save: (page) => button(page, 'Save'),
      saved: (page) => page.getByRole('heading', { level: 1, name: 'The wrong trousers' }),
    },
    {
      name: 'credential',
      path: '/credentials',
      saves: ['POST', '/v1/credentials'],
      pointer: '/fields/username',
      async open(page) {
        await button(page, 'Create new credential').first().click();
        await page.getByRole('dialog').getByRole('combobox', { name: 'Component' }).click();
        await page.getByRole('listbox').getByRole('option', { name: 'Webhook', exact: true }).click();
        await button(page, 'Continue').click();
        await page.getByRole('combobox', { name: 'Type' }).click();
        await page.getByRole('option', { name: 'Basic Auth' }).first().click();
      },
      typed: [
        [dialogText('Name'), 'Only Wallace'],
        [dialogText('Username'), 'wallace'],
        [dialogText('Password'), 'cracking toast'],
      ],
      save: (page) => inDialog(page, 'Save'),
      saved: (page) => page.getByRole('table', { name: 'Credentials' }).getByText('Only Wallace'),
    },
    {
      name: 'invitation',
      path: '/users',
      saves: ['POST', '/v1/users'],
      pointer: '/email',
      open: (page) => button(page, 'Invite user').click(),
      typed: [
        [dialogText('Name'), 'Feathers McGraw'],
        [dialogText('E-mail address'), 'feathers@example.com'],
      ],
      choose: (page) => page.getByRole('radio', { name: 'Administrator' }).check(),
      save: (page) => inDialog(page, 'Invite'),
      saved: (page) => page.getByRole('row', { name: /Feathers McGraw/ }).getByText('administrator', { exact: true }),
    },
    {
      name: 'API token',
      path: '/api-tokens',
      saves: ['POST', '/v1/api-tokens'],
      pointer: '/name',
      open: (page) => button(page, 'Create API token').click(),
      typed: [[dialogText('Name'), 'Deployment']],
      choose: (page) => page.getByLabel('Good for').selectOption('30'),
      save: (page) => inDialog(page, 'Create'),
      saved: (page) => page.getByRole('row', { name: /Deployment.*in (29|30) days/ }),
    },
    {
      name: 'new password',
      path: '/account',
      saves: ['PUT', '/v1/sessions/current/password'],
      pointer: '/newPassword',
      open: (page) => text('Present password')(page).waitFor(),
      typed: [
        [text('Present password'), 'not what it is'],
        [text('New password'), 'the engine turns by steam'],
        [text('New password again'), 'the engine turns by steam'],
      ],
      save: (page) => button(page, 'Change password'),
      // The one that was typed is wrong on purpose: other tests sign in with the present one.
      saved: (page) => page.getByText('is not your present password', { exact: true }),
    },
    {
      name: 'settings of the workspace',
      path: '/workspace',
      saves: ['PATCH', '/v1/workspace'],
      pointer: '/retentionDays',
      open: (page) => text('Days')(page).waitFor(),
      typed: [[text('Days'), '400']],
      save: (page) => button(page, 'Save'),
      saved: (page) => page.getByText('Runs are kept for 400 days after their end.'),
    },
    {
      name: 'import of a flow',
      path: '/flows',
      saves: ['POST', '/v1/flows/import'],
      pointer: '/draft/steps/0/operation',
      open: (page) => page.getByLabel('File of a flow').setInputFiles(flowFile('A close shave')),
      typed: [],
      save: (page) => button(page, 'Try again'),
      saved: (page) => page.getByText(/A close shave.* is imported as a draft/),
    },
  ];
}
