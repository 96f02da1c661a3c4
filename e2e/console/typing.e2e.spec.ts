/* What is typed letter by letter, as people do, arrives where it was typed, whole. */
import { eventually } from '@millrace/testing';
import { describe, expect, it } from 'vitest';
import { useConsole } from './console.fixture.js';

const test = useConsole();

interface Draft {
  draft: {
    steps: { config?: Record<string, unknown>; mapping?: Record<string, unknown> }[];
    settings?: Record<string, unknown>;
  };
}

async function newFlow(second: object): Promise<string> {
  const { id } = await test.running.api.post<{ id: string }>('/v1/flows', {
    name: 'Typed',
    draft: {
      steps: [
        { id: 'step_1', component: 'webhook', operation: 'receive' },
        { id: 'step_2', ...second },
      ],
      edges: [{ from: 'step_1', to: 'step_2' }],
    },
  });
  return id;
}

const draftOf = async (id: string): Promise<Draft['draft']> =>
  (await test.running.api.get<Draft>(`/v1/flows/${id}/draft`)).draft;

const becomes = (read: () => Promise<unknown>, wanted: unknown): Promise<void> =>
  eventually(async () => expect(await read()).toEqual(wanted), { timeoutMs: 10_000 });

describe('what is typed', () => {
  it('into a field that was folded away stays there, and so does the focus', async () => {
    const id = await newFlow({ component: 'petstore', operation: 'createPet' });
    const page = await test.signedIn(`/flows/${id}?step=step_1&field=/config`);
    await page.getByRole('button', { name: /^More fields/ }).click();
    await page.getByLabel('Reply timeout seconds').click();
    await page.keyboard.type('45');
    await becomes(async () => (await draftOf(id)).steps[0]?.config, { replyTimeoutSeconds: 45 });
    await page.reload();
    const field = page.getByLabel('Reply timeout seconds');
    await field.click();
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Backspace');
    await page.keyboard.type('7');
    await becomes(async () => (await draftOf(id)).steps[0]?.config, { replyTimeoutSeconds: 7 });
  });

  it('into a list with a default adds to it', async () => {
    const id = await newFlow({ component: 'http', operation: 'request' });
    const page = await test.signedIn(`/flows/${id}?step=step_2&field=/config`);
    await page.getByRole('button', { name: /^More fields/ }).click();
    await page.getByLabel('Success statuses').first().click();
    await page.keyboard.type('404');
    await page.keyboard.press('Enter');
    await becomes(async () => (await draftOf(id)).steps[1]?.config?.['successStatuses'], ['2xx', '404']);
  });

  it('as a number with a point is that number', async () => {
    const id = await newFlow({ component: 'petstore', operation: 'createPet' });
    const page = await test.signedIn(`/flows/${id}`);
    await page.getByRole('button', { name: 'More of this flow' }).click();
    await page.getByRole('menuitem', { name: 'Flow settings' }).click();
    await page.getByLabel('Runs a second after a pause').click();
    await page.keyboard.type('0.5');
    await becomes(async () => (await draftOf(id)).settings, { resumePerSecond: 0.5 });
  });

  it('into one field of a mapping, or taken from the data, leaves the others alone', async () => {
    const id = await newFlow({ component: 'petstore', operation: 'createPet' });
    const sample = { mode: 'manual', value: { petname: 'Gromit', petstatus: 'sold' } };
    await test.running.api.post(`/v1/flows/${id}/steps/step_1/sample`, sample);
    const page = await test.signedIn(`/flows/${id}?step=step_2&field=/mapping/name`);
    const name = page.locator('[data-pointer="/mapping/name"] input');
    await page.getByRole('button', { name: 'Show sample data' }).click();
    await name.click();
    // Another field gets a value while that one is still the last that had the focus.
    await page.keyboard.type('x');
    await page.locator('[data-pointer="/mapping/status"] input').evaluate((input) => {
      const data = new DataTransfer();
      data.setData('text/x-millrace-expression', 'petstatus');
      input.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true, cancelable: true }));
    });
    await becomes(async () => (await draftOf(id)).steps[1]?.mapping, { name: '"x"', status: 'petstatus' });
    await page
      .getByRole('button', { name: /^petname/ })
      .first()
      .click();
    await becomes(async () => (await draftOf(id)).steps[1]?.mapping, { name: 'petname', status: 'petstatus' });
  });
});
