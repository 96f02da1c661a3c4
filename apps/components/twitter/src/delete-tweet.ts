import { action, OperationError } from '@millrace/component-sdk';
import { z } from 'zod';
import { credential } from './credential.js';
import { settings } from './settings.js';
import { tweetId } from './tweets.js';
import { xClient } from './x-client.js';

export const deleteTweet = action({
  title: 'Delete a tweet',
  description: 'Deletes a tweet of the account of the credential.',
  credential,
  settings,
  input: z.object({ id: tweetId.describe('Number of the tweet') }),
  output: z.object({
    id: z.string().describe('Number of the tweet'),
    deleted: z.boolean().describe('Whether it was there to be deleted'),
  }),
  idempotency: 'natural',
  run: async ({ input: { id }, ...access }) => {
    try {
      const { data } = await (await xClient(access)).deleteTweet(id);
      return { id, deleted: data.deleted };
    } catch (error) {
      // Gone is what was wanted, by an attempt before or by a person.
      if (error instanceof OperationError && error.code === 'not_found') return { id, deleted: false };
      throw error;
    }
  },
});
