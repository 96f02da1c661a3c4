import { describe, expect, it } from 'vitest';
import { bodyKindOf } from './content-type.js';
import { fileNameOf } from './file-name.js';
import { parseParameters } from './parameters.js';

const parsed = (text: string) => {
  const parameters = parseParameters(text);
  return parameters && Object.fromEntries(parameters);
};

describe('parameters of a header', () => {
  it.each<[string, object]>([
    ['', {}],
    [';', {}],
    [' ; ;; ', {}],
    ['; boundary=x', { boundary: 'x' }],
    [';A=b\t;\tC = d ', { a: 'b', c: 'd' }],
    ['; boundary=----=_Part_1:2/3', { boundary: '----=_Part_1:2/3' }],
    ['; empty=; other=""', { empty: '', other: '' }],
    ['; a="b; c=d"; e=f;', { a: 'b; c=d', e: 'f' }],
    [String.raw`; a="say \"b\" \\ "`, { a: String.raw`say "b" \ ` }],
    [String.raw`; a="C:\dir\b.txt"`, { a: String.raw`C:\dir\b.txt` }],
    ["; filename*=UTF-8''%e2%82%ac", { 'filename*': "UTF-8''%e2%82%ac" }],
    ['; a="ü\r\nb"', { a: 'ü\r\nb' }],
  ])('are read from “%s”', (text, expected) => {
    expect(parsed(text)).toEqual(expected);
  });

  it.each([
    ' ',
    'a=b',
    '; a',
    '; a; b=c',
    '; =b',
    '; a b=c',
    '; a=b c',
    '; a=b"c"',
    '; a="b"c',
    '; a="b',
    String.raw`; a="b\"`,
    '; a=\nb',
    '; a=b\n',
    '; a=b; A=b',
    '; (a)=b',
  ])('cannot be read from “%s”', (text) => {
    expect(parsed(text)).toBeUndefined();
  });

  const longest = 15_000;
  const spaces = ' '.repeat(longest);
  it.each([
    ['spaces before a quote that does not end', `; x=${spaces}"`],
    ['spaces before an equals sign that does not come', `; x${spaces}"`],
    ['spaces before a semicolon that does not come', `; x=y${spaces}"`],
    ['spaces behind quotes', `; x="y"${spaces}"`],
    ['spaces alone', `${spaces}"`],
    ['a name alone', `; ${'x'.repeat(longest)}`],
    ['backslashes in quotes that do not end', `; x="${'\\'.repeat(longest)}`],
    ['escaped quotes that do not end', `; x="${'\\"'.repeat(longest / 2)}`],
    ['names without values', '; x'.repeat(longest / 3)],
    ['a value twice', `; x=${'y'.repeat(longest)}; x=${spaces}z`],
  ])('that hold %s are refused at once, however many there are', (_what, text) => {
    const begun = performance.now();
    expect(bodyKindOf({ method: 'POST', contentType: `a/b${text}`, empty: false })).toMatchObject({ ok: false });
    expect(fileNameOf(`attachment${text}`)).toBe('file');
    expect(performance.now() - begun).toBeLessThan(100);
  });
});
