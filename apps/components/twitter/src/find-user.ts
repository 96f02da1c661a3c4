import { action, TerminalError } from '@millrace/component-sdk';
import type { UserV2Result } from 'twitter-api-v2';
import { z } from 'zod';
import { credential } from './credential.js';
import { settings } from './settings.js';
import { userSchema } from './tweets.js';
import { xClient } from './x-client.js';

export const findUser = action({
  title: 'Look up a user',
  description: 'Finds a user of X by name or number.',
  credential,
  settings,
  input: z.object({
    username: z
      .string()
      .regex(/^@?\w{1,15}$/, 'must be a user name: up to 15 letters, digits and _')
      .nullish()
      .describe('Name of the user, with or without @'),
    id: z
      .string()
      .regex(/^\d{1,19}$/, 'must be the number of a user, as a text of digits')
      .nullish()
      .describe('Number of the user, instead of the name'),
  }),
  output: userSchema.extend({
    description: z.string().nullable().describe('What the user says of itself'),
    createdAt: z.string().nullable().describe('Since when the user is there'),
  }),
  idempotency: 'natural',
  run: async ({ input: { username, id }, ...access }) => {
    if ((username == null) === (id == null)) {
      throw new TerminalError('Give either the name or the number of the user', { code: 'invalid_input' });
    }
    const client = await xClient(access);
    const fields = { 'user.fields': 'description,created_at' };
    const { data, errors }: Partial<UserV2Result> =
      username == null
        ? await client.user(id ?? '', fields)
        : await client.userByUsername(username.replace(/^@/, ''), fields);
    if (!data) {
      // X answers 200 with what is wrong.
      const reason = errors?.[0]?.detail ?? 'it gave no reason';
      throw new TerminalError(`X did not find the user: ${reason}`, { code: 'not_found' });
    }
    return {
      id: data.id,
      username: data.username,
      name: data.name,
      description: data.description ?? null,
      createdAt: data.created_at ?? null,
    };
  },
});
