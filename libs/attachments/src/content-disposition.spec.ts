import fc from 'fast-check';
import { expect, it } from 'vitest';
import { attachmentDisposition } from './content-disposition.js';

it.each([
  ['report.pdf', `attachment; filename="report.pdf"; filename*=UTF-8''report.pdf`],
  ['Grüße 1.txt', `attachment; filename="Gr__e 1.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%201.txt`],
  [
    `it's "so" (1)*.txt`,
    `attachment; filename="it's _so_ (1)*.txt"; filename*=UTF-8''it%27s%20%22so%22%20%281%29%2A.txt`,
  ],
  ['../../etc/passwd', `attachment; filename=".._.._etc_passwd"; filename*=UTF-8''.._.._etc_passwd`],
  ['a\r\nset-cookie: b', `attachment; filename="a__set-cookie: b"; filename*=UTF-8''a__set-cookie%3A%20b`],
  ['100%41.txt', `attachment; filename="100_41.txt"; filename*=UTF-8''100%2541.txt`],
  ['', `attachment; filename="file"; filename*=UTF-8''file`],
])('names the file %j', (name, header) => {
  expect(attachmentDisposition(name)).toBe(header);
});

it('is a header of its two parts for every name, and not a long one', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 2_000 }), (name) => {
      const header = attachmentDisposition(name);
      expect(header).toMatch(
        /^attachment; filename="[ !#$&-~]+"; filename\*=UTF-8''(?:[\w!#$&+.^`|~-]|%[0-9A-F]{2})+$/,
      );
      expect(header.length).toBeLessThan(3_000);
    }),
  );
  expect(() => attachmentDisposition('\ud800'.repeat(500))).not.toThrow();
});
