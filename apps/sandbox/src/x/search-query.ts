import { mentions, type Tweet } from './tweets.js';
import { userNamed } from './users.js';

type Test = (tweet: Tweet) => boolean;

/**
 * A search query as the question whether a tweet fits it, or what is wrong with it. Of the operators of X it knows words,
 * "phrases", `from:`, `@name`, `#tag`, `is:reply` and `-` before any of them; all parts must fit.
 */
export function parseSearch(query: string): { ok: true; fits: Test } | { ok: false; reason: string } {
  const parts = query.match(/-?(?:"[^"]*"|\S+)/g) ?? [];
  const tests: Test[] = [];
  for (const part of parts) {
    const negated = part.startsWith('-') && part.length > 1;
    const test = partTest(negated ? part.slice(1) : part);
    if (typeof test === 'string') return { ok: false, reason: test };
    tests.push(negated ? (tweet) => !test(tweet) : test);
  }
  return { ok: true, fits: (tweet) => tests.every((test) => test(tweet)) };
}

function partTest(part: string): Test | string {
  const [, operator, value = ''] = /^([a-z_]+):(.*)$/i.exec(part) ?? [];
  if (operator === 'from') {
    const author = userNamed(value.replace(/^@/, ''));
    return (tweet) => tweet.author === author;
  }
  if (part === 'is:reply') return (tweet) => tweet.inReplyTo !== undefined;
  // The sandbox has none, and callers like to leave them out.
  if (part === 'is:retweet') return () => false;
  if (operator !== undefined || /^(?:OR|\(.*|.*\))$/.test(part)) {
    return `The sandbox does not know '${part}': it takes words, "phrases", from:, @name, #tag, is:reply and -`;
  }
  if (part.startsWith('@')) {
    const user = userNamed(part.slice(1));
    return (tweet) => user !== undefined && mentions(tweet, user);
  }
  const words = part.replaceAll('"', '').toLowerCase();
  return (tweet) => containsWords(tweet.text.toLowerCase(), words);
}

function containsWords(text: string, words: string): boolean {
  const escaped = words.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`(?<![\\p{L}\\p{N}_])${escaped}(?![\\p{L}\\p{N}_])`, 'u').test(text);
}
