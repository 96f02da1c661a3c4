import { describeComponent } from '@millrace/component-conformance';
import { twitter } from './twitter.js';

describeComponent(twitter, {
  env: (url) => ({ TWITTER_BASE_URL: url }),
  credential: {
    type: 'oauth1',
    consumerKey: 'conformance-consumer-key',
    consumerSecret: 'conformance-consumer-secret',
    accessToken: '1-conformance-access-token',
    accessTokenSecret: 'conformance-access-secret',
  },
  steps: {
    postTweet: { input: { text: 'Cracking toast' } },
    deleteTweet: { input: { id: '1' } },
    findUser: { input: { username: 'gromit' } },
    searchRecent: { input: { query: 'toast' } },
    newMentions: {},
  },
});
