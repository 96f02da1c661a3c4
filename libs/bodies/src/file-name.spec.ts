import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fileNameOf, safeFileName } from './file-name.js';

describe('the name of a file', () => {
  it.each([
    ['attachment; filename="report.pdf"', 'report.pdf'],
    ['attachment; filename=report.pdf', 'report.pdf'],
    ["attachment; filename=x.pdf; filename*=UTF-8''na%C3%AFve%20%E2%82%AC.pdf", 'naïve €.pdf'],
    ["attachment; filename=x.pdf; filename*=UTF-8''%zz", 'x.pdf'],
    ["attachment; filename=x.pdf; filename*=koi8-r''%C1", 'x.pdf'],
    ['attachment; filename="na\u00c3\u00afve.txt"', 'naïve.txt'],
    ['attachment; filename="na\u00efve.txt"', 'naïve.txt'],
    ['attachment; filename="a \\"b\\".txt"', 'a "b".txt'],
    ['attachment; filename="C:\\Users\\me\\a.txt"', 'a.txt'],
    ['inline', 'file'],
    ['attachment; filename=""', 'file'],
    ['attachment; filename="broken', 'file'],
    [undefined, 'file'],
  ])('in %s is %s', (header, name) => {
    expect(fileNameOf(header)).toBe(name);
  });

  it.each([
    ['../../etc/passwd', 'passwd'],
    ['..', 'file'],
    ['a/..', 'file'],
    ['a/', 'file'],
    [' \u0000a\r\nb\u001b[31m\u202egnp.exe\u0085 ', 'ab[31mgnp.exe'],
    ['a\ud800b', 'ab'],
    [`${'é'.repeat(200)}.pdf`, `${'é'.repeat(125)}.pdf`],
    ['x'.repeat(300), 'x'.repeat(255)],
  ])('%j becomes %j', (given, name) => {
    expect(safeFileName(given)).toBe(name);
  });

  it('is never longer than 255 bytes, nor a path, nor empty', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 400 }), (given) => {
        const name = safeFileName(given);
        expect(Buffer.byteLength(name)).toBeLessThanOrEqual(255);
        expect(name).toMatch(/^(?!\.{1,2}$)[^/\\\p{Cc}\p{Cs}]+$/u);
      }),
    );
  });
});
