import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findUrls } from './find-urls.js';
import { tweetLength } from './tweet-length.js';

const urlsIn = (text: string): string[] => findUrls(text).map(({ start, end }) => text.slice(start, end));

describe('the length of a tweet', () => {
  it.each([
    ['', 0],
    ['Hello, world', 12],
    ['Grüße, Ελλάδα, Привет, שלום', 27],
    ['日本語', 6],
    ['e\u0301', 1],
    ['“It’s…”', 8],
    ['👍', 2],
    ['👍🏽', 2],
    ['👩‍👩‍👧‍👦', 2],
    ['🇩🇪', 2],
    ['1️⃣#⃣', 4],
    ['❤️❤', 4],
    ['©', 1],
    ['https://example.com/a/very/long/path?with=a&query=too', 23],
    ['t.co', 23],
    ['New post: https://example.com/post.', 34],
  ])('of %j is %i', (text, length) => {
    expect(tweetLength(text)).toBe(length);
  });

  it('is that of its parts, when words without dots are put behind one another', () => {
    const word = fc
      .string({ unit: 'grapheme', maxLength: 20 })
      .map((text) => text.normalize('NFC').replaceAll('.', ''));
    fc.assert(fc.property(word, word, (a, b) => tweetLength(`${a} ${b}`) === tweetLength(a) + 1 + tweetLength(b)));
  });

  it('takes no time to speak of, however a text is made', { timeout: 20_000 }, () => {
    const started = performance.now();
    for (const part of ['a', 'a.', '-.', 'http://', '語', '(', 'é.', 'a.co/(', 'a.co?']) {
      tweetLength(part.repeat(25_000 / part.length));
    }
    expect(performance.now() - started).toBeLessThan(10_000);
  });
});

describe('the addresses of a text', () => {
  it.each([
    ['see example.com and http://example.org:80/x', ['example.com', 'http://example.org:80/x']],
    ['(https://en.wikipedia.org/wiki/Set_(mathematics))', ['https://en.wikipedia.org/wiki/Set_(mathematics)']],
    ['https://example.com/a, https://example.com/b!', ['https://example.com/a', 'https://example.com/b']],
    ['https://example.com/?q=1&r=2?', ['https://example.com/?q=1&r=2']],
    ['https://t.co/abc/def', ['https://t.co/abc']],
    ['https://例え.みんな/ and www.münchen.de/rad', ['https://例え.みんな/', 'www.münchen.de/rad']],
    ['見てhttp://example.comです', ['http://example.com']],
    ['me@example.com #example.com @example.com $example.com', []],
    ['http://localhost/ index.html v1.2.3 10.5 example.comedy2', []],
    ['word.https://example.com', ['https://example.com']],
    ['https://example.com/(open', ['https://example.com/']],
  ])('in %j are %j', (text, urls) => {
    expect(urlsIn(text)).toEqual(urls);
  });
});
