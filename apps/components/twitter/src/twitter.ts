import { defineComponent } from '@millrace/component-sdk';
import { credential } from './credential.js';
import { deleteTweet } from './delete-tweet.js';
import { findUser } from './find-user.js';
import { newMentions } from './new-mentions.js';
import { postTweet } from './post-tweet.js';
import { searchRecent } from './search-recent.js';
import { settings } from './settings.js';
import { xClient } from './x-client.js';

export const twitter = defineComponent({
  name: 'twitter',
  title: 'X (Twitter)',
  description: 'Posts, deletes and finds tweets, and tells of new mentions.',
  version: '1.0.0',
  settings,
  credentials: {
    fields: credential,
    verify: async (access) => {
      await xClient(access).me();
    },
  },
  actions: { postTweet, deleteTweet, findUser, searchRecent },
  triggers: { newMentions },
});
