import { defineComponent, oauth2 } from '@millrace/component-sdk';
import { credential } from './credential.js';
import { deleteTweet } from './delete-tweet.js';
import { findUser } from './find-user.js';
import { newMentions } from './new-mentions.js';
import { postTweet } from './post-tweet.js';
import { searchRecent } from './search-recent.js';
import { settings, xBaseUrl, type TwitterSettings } from './settings.js';
import { xClient } from './x-client.js';

export const twitter = defineComponent({
  name: 'twitter',
  title: 'X (Twitter)',
  description: 'Posts, deletes and finds tweets, and tells of new mentions.',
  version: '1.0.0',
  settings,
  credentials: {
    fields: credential,
    oauth2: oauth2<TwitterSettings>({
      authorizeUrl: ({ TWITTER_AUTHORIZE_URL: page, TWITTER_BASE_URL: base }) =>
        page ?? (base === xBaseUrl ? 'https://x.com/i/oauth2/authorize' : `${base}/i/oauth2/authorize`),
      tokenUrl: ({ TWITTER_BASE_URL: base }) => `${base}/2/oauth2/token`,
      // Without offline.access there is no refresh token.
      scopes: ['tweet.read', 'tweet.write', 'users.read', 'media.write', 'offline.access'],
      pkce: true,
    }),
    verify: async (access) => {
      await (await xClient(access)).me();
    },
  },
  actions: { postTweet, deleteTweet, findUser, searchRecent },
  triggers: { newMentions },
});
