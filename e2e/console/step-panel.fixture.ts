import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '@millrace/testing';
import type { Locator, Page } from 'playwright-core';
import { expect } from 'vitest';

const stillMs = 400;

/** The panel of the step that is open. */
export function panelOf(page: Page): Locator {
  return page
    .getByRole('region', { name: /^Step / })
    .filter({ has: page.getByRole('button', { name: 'Close the step' }) });
}

/** Begins a flow from the list; resolves with its id when the panel of its trigger is open. */
export async function addNewFlow(page: Page): Promise<string> {
  await page.goto('/flows');
  await page.getByRole('button', { name: 'Add new flow' }).first().click();
  await page.getByLabel('Find a component').waitFor();
  const { pathname } = new URL(page.url());
  return pathname.split('/')[2] ?? '';
}

/** Types into the search and takes the component. */
export async function chooseComponent(page: Page, search: string, title: string): Promise<void> {
  await page.getByLabel('Find a component').fill(search);
  await page.getByRole('button', { name: `Choose ${title}` }).click();
}

export interface NewCredential {
  type?: string;
  name?: string;
  /** By label. */
  fields?: Readonly<Record<string, string>>;
}

/** Creates a credential in place and goes on with it. */
export async function createCredential(page: Page, credential: NewCredential): Promise<void> {
  await page.getByRole('button', { name: 'Create new credential' }).click();
  if (credential.type !== undefined) await chooseType(page, credential.type);
  if (credential.name !== undefined)
    await page.getByRole('textbox', { name: 'Name', exact: true }).fill(credential.name);
  for (const [label, value] of Object.entries(credential.fields ?? {})) await fieldOf(page, label).fill(value);
  await saveCredential(page);
}

export async function chooseType(page: Page, type: string): Promise<void> {
  await page.getByRole('combobox', { name: 'Type' }).click();
  await page.getByRole('option', { name: type }).first().click();
}

/** Lets the component verify what was typed, and goes on with the new credential. */
export async function saveCredential(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await page.getByRole('radio', { checked: true }).waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** A field of a form by its label. */
export function fieldOf(page: Page, label: string): Locator {
  return page.getByRole('textbox', { name: label, exact: true });
}

export async function addSampleManually(page: Page, sample: string): Promise<void> {
  await page.getByRole('button', { name: 'Add sample manually' }).click();
  await typeSample(page, 'JSON', sample);
  await page.getByRole('button', { name: 'Delete', exact: true }).waitFor();
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** Types a sample in one of the formats and saves it. */
export async function typeSample(
  page: Page,
  format: 'JSON' | 'XML' | 'List of properties',
  sample: string,
): Promise<void> {
  // What can be clicked of a choice is its label.
  await page.getByRole('radiogroup', { name: 'Format' }).getByText(format, { exact: true }).click();
  await page.getByLabel(`Sample as ${format}`).fill(sample);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
}

/** Drags by mouse. What is dragged over a place is noticed there with the second move only. */
export async function dragOnto(page: Page, source: Locator, target: Locator): Promise<void> {
  await standsStill(source);
  await source.hover();
  await page.mouse.down();
  await target.hover();
  await target.hover({ position: { x: 8, y: 8 } });
  await page.mouse.up();
}

/** Previews that arrive move what is below them, and a canvas that fits its steps moves all, after the mouse was put there. */
export async function standsStill(one: Locator): Promise<void> {
  await eventually(async () => {
    const before = await one.boundingBox();
    await sleep(stillMs);
    expect(await one.boundingBox()).toEqual(before);
  });
}

/** Puts a place of the data into a field by its picker. */
export async function pickValue(page: Page, field: string, name: string): Promise<void> {
  await page.getByRole('button', { name: `Choose value for ${field}` }).click();
  const dialog = page.getByRole('dialog', { name: `Choose value for ${field}` });
  await dialog.getByRole('button', { name: new RegExp(`^${name}`) }).click();
  await dialog.waitFor({ state: 'hidden' });
}

/** Publishes and starts the open flow; resolves with its webhook URL. */
export async function publishAndStart(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Publish draft' }).click();
  await page.getByRole('button', { name: 'Start', exact: true }).click();
  await page.getByRole('button', { name: 'Stop', exact: true }).waitFor();
  const url = await page.getByRole('region', { name: 'Webhook URL' }).locator('code').first().textContent();
  return url?.trim() ?? '';
}
