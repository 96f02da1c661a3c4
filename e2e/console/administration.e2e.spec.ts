import { expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { signInByForm, useConsole } from './console.fixture.js';
import { freshInstallation } from './fresh-installation.fixture.js';

const test = useConsole();
const grace = { name: 'Grace Hopper', email: 'grace@example.com', password: 'a mill turns by the race' };
const administratorPages = ['/users', '/api-tokens', '/audit', '/workspace'];

/** Invites a user by the page. Resolves with the one-time link. */
async function invite(page: Page, { name, email }: { name: string; email: string }): Promise<string> {
  await page.getByRole('button', { name: 'Invite user' }).click();
  const dialog = page.getByRole('dialog', { name: 'Invite user' });
  await dialog.getByRole('textbox', { name: 'Name' }).fill(name);
  await dialog.getByRole('textbox', { name: 'E-mail address' }).fill(email);
  await dialog.getByRole('button', { name: 'Invite' }).click();
  const link = await page.getByLabel('One-time link', { exact: true }).innerText();
  await page.getByRole('button', { name: 'Done' }).click();
  return link;
}

async function choosePassword(page: Page, link: string, password: string): Promise<void> {
  // Only another path makes the browser load the page; else the fragment alone would change.
  await page.goto('about:blank');
  await page.goto(link);
  await page
    .getByLabel(/^New password/, { exact: false })
    .first()
    .fill(password);
  await page.locator('input[name="new-password-again"]').fill(password);
  await page.getByRole('button', { name: 'Save and sign in' }).click();
}

/** What stands in the audit, newest first. */
async function auditLines(page: Page, search = ''): Promise<string[]> {
  await page.goto(`/audit${search}`);
  const list = page.getByRole('list', { name: 'Audit' });
  await list.waitFor();
  return list.locator('> li').allInnerTexts();
}

it('an invited user chooses a password by a link that no log can hold, and finds what members may', async () => {
  const admin = await test.signedIn('/users');
  const link = await invite(admin, grace);
  const { origin, hash } = new URL(link);
  expect(origin).toBe(test.url);
  const token = hash.replace('#token=', '');
  await admin.getByText('invited', { exact: true }).waitFor();

  const guest = await test.open();
  const asked: string[] = [];
  guest.on('request', (request) => asked.push(`${request.url()} ${request.headers()['referer'] ?? ''}`));
  await guest.goto('about:blank');
  await guest.goto(link);
  await guest.locator('input[name="new-password"]').fill('short');
  await guest.locator('input[name="new-password-again"]').fill('short');
  await guest.getByRole('button', { name: 'Save and sign in' }).click();
  await guest.getByText('must have at least 12 characters').waitFor();
  expect(guest.url()).not.toContain('mri_');
  await guest.locator('input[name="new-password"]').fill(grace.password);
  await guest.locator('input[name="new-password-again"]').fill(grace.password);
  await guest.getByRole('button', { name: 'Save and sign in' }).click();
  const navigation = guest.getByRole('navigation', { name: 'Main' });
  await navigation.waitFor();
  expect(asked.filter((url) => url.includes(token))).toEqual([]);

  expect(await navigation.getByRole('link').allInnerTexts()).not.toEqual(
    expect.arrayContaining(['Users', 'API tokens', 'Audit', 'Workspace']),
  );
  for (const path of administratorPages) {
    await guest.goto(path);
    await guest.getByText('This page is for administrators').waitFor();
    expect(await guest.getByText('Ask an administrator of your workspace').isVisible()).toBe(true);
  }
  await guest.goto('/account');
  await guest.getByText(grace.email).first().waitFor();

  // The link is good once.
  await choosePassword(guest, link, 'another mill by the race');
  await guest.getByRole('alert').getByText('The link is not good (any more)').waitFor();
  await guest.goto('/invitation');
  await guest.getByText('The link is not whole').waitFor();

  await admin.reload();
  const row = admin.getByRole('row').filter({ hasText: grace.email });
  await row.getByText('active').waitFor();
  const lines = await auditLines(admin);
  expect(lines.join('\n')).toMatch(/chose a password by a one-time link[\S\s]*invited the user/);
  expect(lines.join('\n')).not.toContain(token);
});

it('an API token is shown once, works until it is revoked, and is named in the audit', async () => {
  const page = await test.signedIn('/api-tokens');
  await page.getByRole('button', { name: 'Create API token' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('textbox', { name: 'Name' }).fill('Deployment');
  await dialog.getByLabel('Good for').selectOption('30');
  await dialog.getByRole('button', { name: 'Create' }).click();
  const token = await page.getByLabel('Token', { exact: true }).innerText();
  const curl = await page.getByLabel('Try it with curl', { exact: true }).innerText();
  expect(curl).toBe(`curl -H 'Authorization: Bearer ${token}' ${test.url}/v1/flows`);
  const answered = async (path: string): Promise<number> =>
    (await fetch(`${test.url}${path}`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await answered('/v1/flows')).toBe(200);
  expect(await answered('/v1/users')).toBe(403);
  await page.getByRole('button', { name: 'Done' }).click();

  await page.reload();
  const row = page.getByRole('row').filter({ hasText: 'Deployment' });
  await row.getByText('just now').first().waitFor();
  expect(await page.content()).not.toContain(token);
  await row.getByRole('button', { name: 'Revoke Deployment' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByText('No API tokens yet').waitFor();
  expect(await answered('/v1/flows')).toBe(401);

  const lines = await auditLines(page, '?action=api_token.deleted');
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('revoked the API token');
  const whole = (await auditLines(page)).join('\n');
  expect(whole).toContain('created the API token');
  expect(whole).not.toContain(token);
});

it('a changed password ends the other sessions, which lose nothing that was typed', async () => {
  const admin = await test.signedIn('/users');
  const user = { name: 'Ada', email: 'ada@example.com', password: 'first words of the engine' };
  const link = await invite(admin, user);
  const here = await test.open();
  await choosePassword(here, link, user.password);
  await here.getByRole('navigation', { name: 'Main' }).waitFor();
  const there = await test.open();
  await signInByForm(there, user);
  await there.goto('/components?search=pet');
  await there.getByRole('link', { name: 'Petstore API' }).waitFor();

  await here.goto('/account');
  const next = 'other words of the engine';
  const fill = async (current: string): Promise<void> => {
    await here.locator('input[autocomplete="current-password"]').fill(current);
    await here.locator('input[name="new-password"]').fill(next);
    await here.locator('input[name="new-password-again"]').fill(next);
    await here.getByRole('button', { name: 'Change password' }).click();
  };
  await fill('not my password');
  await here.getByText('is not your present password', { exact: true }).waitFor();
  expect(await here.locator('input[name="new-password"]').inputValue()).toBe(next);
  await fill(user.password);
  await here.getByText('The password is changed').waitFor();

  await there.getByRole('link', { name: 'Petstore API' }).click();
  const again = there.getByRole('dialog', { name: 'Sign in again' });
  await again.waitFor();
  await again.getByLabel(/^Password/).fill(next);
  await again.getByRole('button', { name: 'Sign in' }).click();
  await there.getByRole('heading', { level: 1, name: 'Petstore API' }).waitFor();

  const lines = await auditLines(admin, '?action=user.password_changed');
  expect(lines.join('\n')).toContain(user.email);
});

it('the last administrator is kept and told why; roles, access and links of others are changed in the list', async () => {
  const page = await test.signedIn('/users');
  const user = { name: 'Linus', email: 'linus@example.com' };
  await invite(page, user);
  await page.getByRole('button', { name: 'Change Administrator' }).click();
  await page.getByText('The last administrator keeps role and access').waitFor();
  expect(await page.getByRole('menuitem', { name: 'Make a member' }).isDisabled()).toBe(true);
  // The focus goes into the menu a moment after it has opened.
  await page.locator('[role=menu]:focus-within').waitFor();
  await page.keyboard.press('Escape');

  const row = page.getByRole('row').filter({ hasText: user.email });
  const act = async (name: string): Promise<void> => {
    await row.getByRole('button', { name: 'Change Linus' }).click();
    await page.getByRole('menuitem', { name }).click();
  };
  await act('Make an administrator');
  await row.getByText('administrator', { exact: true }).waitFor();
  await page.getByRole('button', { name: 'Undo' }).click();
  await row.getByText('member', { exact: true }).waitFor();
  await act('New invitation link');
  await page.getByRole('button', { name: 'Make the link' }).click();
  expect(await page.getByLabel('One-time link', { exact: true }).innerText()).toContain('/invitation#token=');
  await page.getByRole('button', { name: 'Done' }).click();
  await act('Disable');
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await row.getByText('disabled').waitFor();

  const lines = await auditLines(page, '?action=user.changed');
  expect(lines[0]).toMatch(/disabled[\S\s]*false[\S\s]*true/);
});

it('a credential that a running flow uses says so when it is to be deleted, and is found by the filters of the address', async () => {
  const { api } = test.running;
  const { id: credentialId } = await api.post<{ id: string }>('/v1/credentials', {
    component: 'webhook',
    name: 'Open to all',
    fields: { type: 'none' },
  });
  const steps = [{ id: 'step_1', component: 'webhook', operation: 'receive', credentialId }];
  const flow = await api.post<{ id: string }>('/v1/flows', { name: 'In the way', draft: { steps, edges: [] } });
  await api.post(`/v1/flows/${flow.id}/publish`);
  await api.post(`/v1/flows/${flow.id}/start`);

  const page = await test.signedIn('/credentials?component=webhook&search=open');
  const row = page.getByRole('row').filter({ hasText: 'Open to all' });
  await row.getByRole('link', { name: 'In the way' }).waitFor();
  const remove = async (): Promise<void> => {
    await row.getByRole('button', { name: 'Change Open to all' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
  };
  await row.getByRole('button', { name: 'Change Open to all' }).click();
  await page.getByRole('menuitem', { name: 'Verify again' }).click();
  await page.getByText(/Open to all.* is good\.$/).waitFor();
  await remove();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('alert').getByText('A running flow uses the credential').waitFor();
  await dialog.getByRole('button', { name: 'Cancel' }).click();
  await api.post(`/v1/flows/${flow.id}/stop`);
  await page.reload();
  await remove();
  await page.getByText('No credential fits').waitFor();
  await page.getByRole('button', { name: 'Show all' }).first().click();
  expect(new URL(page.url()).search).toBe('');
});

it('the workspace keeps runs for as long as it is told to, and asks before it keeps them shorter', async () => {
  const page = await test.signedIn('/workspace');
  const days = page.getByRole('textbox', { name: 'Days' });
  await days.fill('7');
  await page.getByRole('button', { name: 'Save' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
  await page.getByText('Runs are kept for 7 days after their end.').waitFor();
  expect(await test.running.api.get('/v1/workspace')).toMatchObject({ retentionDays: 7 });
  expect((await auditLines(page, '?action=workspace.changed'))[0]).toMatch(/retentionDays[\S\s]*7/);
});

it('a fresh installation asks for its set-up token, makes the workspace and its administrator, and is set up then', async () => {
  const fresh = await freshInstallation(test.running);
  try {
    const page = await test.open({ baseURL: fresh.url });
    await page.waitForURL('**/setup');
    const typed = {
      'Name of the workspace': 'West Wallaby Street',
      'Your name': 'Wallace',
      'E-mail address': 'w@example.com',
    };
    const field = (name: string) => page.getByRole('textbox', { name, exact: true });
    for (const [name, value] of Object.entries(typed)) await field(name).fill(value);
    await field('Set-up token').fill('cheese');
    await field('New password').fill(grace.password);
    await field('New password again').fill(grace.password);
    const save = page.getByRole('button', { name: 'Set up and sign in' });
    await save.click();
    await page.getByRole('alert').waitFor();
    for (const [name, value] of Object.entries(typed)) expect(await field(name).inputValue()).toBe(value);
    await field('Set-up token').fill(fresh.setupToken);
    await save.click();
    await page.getByRole('heading', { level: 1, name: 'Dashboard' }).waitFor();
    await page.goto('/setup');
    await page.getByText('Millrace is set up already').waitFor();
    await page.goto('/workspace');
    await page.getByText('West Wallaby Street').first().waitFor();
  } finally {
    await fresh.stop();
  }
});
