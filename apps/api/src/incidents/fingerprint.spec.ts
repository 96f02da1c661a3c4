import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fingerprintOf, normalisedMessage, readFailure } from './fingerprint.js';

describe('the message of a failure', () => {
  it.each([
    ['Answered 503 after 12.5 s', 'Answered <number> after <number> s'],
    ['GET https://api.example.com/pets/7?x=1 timed out', 'GET <url> timed out'],
    ['connect ECONNREFUSED 127.0.0.1:3002', 'connect ECONNREFUSED <address>'],
    ['connect ECONNREFUSED ::1:443', 'connect ECONNREFUSED <address>'],
    ['No pet “Gromit” in "store 1", `a` or \'b\'', 'No pet <value> in <value>, <value> or <value>'],
    ["It can't be, and won't", "It can't be, and won't"],
    ['Order 0190c2f4-7a3e-7d2c-9b1a-111111111111 is unknown', 'Order <id> is unknown'],
    ['No customer cus_9s6XKzkNRiz8i3', 'No customer <id>'],
    ['Refused ada.lovelace+1@example.co.uk', 'Refused <email>'],
    ['Not before 2026-01-31T12:00:00.123Z, nor 2026-02-01', 'Not before <time>, nor <time>'],
    ['two\n  lines', 'two lines'],
  ])('%j is told as %j', (message, told) => {
    expect(normalisedMessage(message)).toBe(told);
  });

  it('is the same whatever numbers, ids and quoted values stand in it', () => {
    const part = fc.oneof(
      fc.nat().map(String),
      fc.uuid(),
      fc.string({ maxLength: 30 }).map((text) => `"${text.replaceAll('"', '')}"`),
    );
    fc.assert(
      fc.property(part, part, fc.constantFrom('Pet', 'Order of', 'Limit'), (one, other, word) => {
        const kind = (text: string) => normalisedMessage(`${word} ${text} is not there`).replace(/<\w+>/, '<>');
        expect(kind(one)).toBe(`${word} <> is not there`);
        expect(kind(other)).toBe(kind(one));
      }),
    );
  });

  it('of any length and kind is read quickly', () => {
    fc.assert(fc.property(fc.string({ maxLength: 300 }), (text) => normalisedMessage(text).length >= 0));
    const began = performance.now();
    for (const text of [
      'a'.repeat(100_000),
      '1a-'.repeat(50_000),
      '"'.repeat(99_999),
      ':'.repeat(100_000),
      'a.@'.repeat(50_000),
    ]) {
      normalisedMessage(text);
    }
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('a fingerprint', () => {
  it('differs by step, code and kind of message', () => {
    const of = (stepId: string, code: string, message: string) => fingerprintOf(stepId, { code, message });
    const one = of('step_2', 'away', 'Answered 503');
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect(of('step_2', 'away', 'Answered 500')).toBe(one);
    const others = [
      of('step_3', 'away', 'Answered 503'),
      of('step_2', 'gone', 'Answered 503'),
      of('step_2', 'away', 'Said 503'),
    ];
    expect(new Set([one, ...others]).size).toBe(4);
  });

  it('is the same for an error that was cut anywhere behind what it depends on', () => {
    const message = `\u0000\ud800“quoted” \\ ${'x 1 '.repeat(3_000)}`;
    const json = JSON.stringify({ code: 'a"b', message, detail: { a: 'b' } });
    const whole = readFailure(json);
    expect(whole.code).toBe('a"b');
    for (let length = 2_100; length < 2_200; length += 1) {
      const cut = readFailure(json.slice(0, length));
      expect(fingerprintOf('step_1', cut)).toBe(fingerprintOf('step_1', whole));
    }
  });

  it.each([
    [String.raw`a\\u`, String.raw`a\u`],
    [String.raw`a\\u00`, String.raw`a\u00`],
    [String.raw`a\u00`, 'a'],
    [String.raw`a\\\u12`, 'a\\'],
    ['a\\', 'a'],
  ])('reads a message that was cut to %j', (cut, message) => {
    expect(readFailure(`{"code":"away","message":"${cut}`)).toEqual({ code: 'away', message });
  });

  it('reads an error of any text that was cut anywhere', () => {
    const text = fc.string({ unit: fc.constantFrom('\\', 'u', '0', '"', '\u0000', '\ud800', '\n', 'é', 'a') });
    fc.assert(
      fc.property(text, text, fc.nat(200), (code, message, length) => {
        const { message: read } = readFailure(JSON.stringify({ code, message }).slice(0, length));
        expect(message.startsWith(read)).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.string(), (any) => readFailure(`{"code":"a","message":"${any}`).code !== ''));
  });

  it.each(['', '{', 'null', '[]', '"x"', '{"code":1}', '{"message":"m"'])(
    'of what is no error, %j, has no code',
    (json) => {
      expect(readFailure(json)).toEqual({ code: 'unknown', message: '' });
    },
  );
});
