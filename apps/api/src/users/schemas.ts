import { z } from 'zod';
import { listOf, nameField, pageFields, timeField } from '../http/fields.js';
import { chosenPassword } from '../sessions/schemas.js';

export const roleField = z
  .enum(['administrator', 'member'])
  .describe('`member`: flows, credentials and runs; `administrator`: users, API tokens, audit and workspace, too')
  .meta({ id: 'Role' });

const emailField = z.string().trim().max(320).pipe(z.email('must be an e-mail address'));

const example = {
  id: '0195b6a0-f3c5-7d1e-8a4b-2c6d9e0f1a2b',
  email: 'grace@example.com',
  name: 'Grace Hopper',
  role: 'member',
  disabled: false,
  invited: true,
  linkExpiresAt: '2026-02-07T09:00:00.000Z',
  lastSignInAt: null,
  createdAt: '2026-01-31T09:00:00.000Z',
} as const;

export const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    role: roleField,
    disabled: z.boolean().describe('cannot sign in; its sessions and API tokens have ended'),
    invited: z.boolean().describe('has not chosen a password yet'),
    linkExpiresAt: timeField.nullable().describe('until when its open one-time link is good; null without one'),
    lastSignInAt: timeField.nullable(),
    createdAt: timeField,
  })
  .meta({ id: 'User', example });

export const userList = listOf(userSchema, 'UserList');
export const userQuery = z.object(pageFields);

const linkExample = {
  token: 'mri_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  url: 'https://millrace.example.com/invitation#token=mri_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  expiresAt: '2026-02-07T09:00:00.000Z',
};

/** No mail is sent: who gets the link passes it on. */
export const oneTimeLink = z
  .object({
    token: z.string().describe('for `POST /v1/invitations/accept`; it is shown only here'),
    url: z.url().describe('the page of the console that takes it; pass it on to the user and nobody else'),
    expiresAt: timeField,
  })
  .meta({ id: 'OneTimeLink', example: linkExample });

export const invitedUser = userSchema
  .extend({ link: oneTimeLink })
  .meta({ id: 'InvitedUser', example: { ...example, link: linkExample } });

export const createUserBody = z
  .strictObject({ email: emailField, name: nameField, role: roleField.default('member') })
  .meta({ id: 'CreateUser', example: { email: 'grace@example.com', name: 'Grace Hopper', role: 'member' } });

export const changeUserBody = z
  .strictObject({
    email: emailField.optional(),
    name: nameField.optional(),
    role: roleField.optional(),
    disabled: z.boolean().optional().describe('`true` ends the sessions, API tokens and link of the user, too'),
  })
  .refine((body) => Object.values(body).some((value) => value !== undefined), 'must change something')
  .meta({ id: 'ChangeUser', example: { disabled: true } });

export const acceptInvitationBody = z
  .strictObject({ token: z.string().min(1).max(200), password: chosenPassword })
  .meta({ id: 'AcceptInvitation', example: { token: linkExample.token, password: 'a mill turns by the race' } });

export type User = z.output<typeof userSchema>;
export type UserList = z.output<typeof userList>;
export type OneTimeLink = z.output<typeof oneTimeLink>;
export type InvitedUser = z.output<typeof invitedUser>;
