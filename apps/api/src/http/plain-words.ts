import { z } from 'zod';

type Issue = z.core.$ZodRawIssue;
type Primitive = z.core.util.Primitive;

/** What is wrong with a field, in words for a person: they follow its name, as in “`name` is missing”. */
export const words = {
  missing: 'is missing',
  unknown: 'is not known',
  noForm: 'fits none of the forms that are allowed',
  wrong: 'is not valid',
  ofType: (type: string): string => `must be ${typeNames.get(type) ?? type}`,
  oneOf: (values: readonly Primitive[]): string =>
    values.length === 1 ? `must be ${String(values[0])}` : `must be one of: ${values.map(String).join(', ')}`,
  ofFormat: (format: string): string => `must be ${formatNames.get(format) ?? `of the format ${format}`}`,
  pattern: 'has characters, or an order of them, that are not allowed',
  bound(kind: 'least' | 'most', limit: number | bigint, unit?: string): string {
    if (unit === undefined) return `must be at ${kind} ${limit}`;
    if (kind === 'least' && Number(limit) === 1) return 'must not be empty';
    return `must have at ${kind} ${limit} ${Number(limit) === 1 ? unit.replace(/s$/, '') : unit}`;
  },
  beyond: (kind: 'above' | 'below', limit: number | bigint): string => `must be ${kind} ${limit}`,
  multipleOf: (step: number | bigint): string => `must be a multiple of ${step}`,
};

const typeNames = new Map([
  ['string', 'text'],
  ['number', 'a number'],
  ['nan', 'a number'],
  ['int', 'a whole number'],
  ['integer', 'a whole number'],
  ['boolean', 'true or false'],
  ['array', 'a list'],
  ['tuple', 'a list'],
  ['object', 'an object'],
  ['record', 'an object'],
  ['null', 'null'],
  ['date', 'a time'],
]);

const formatNames = new Map([
  ['email', 'an e-mail address'],
  ['url', 'a URL'],
  ['uri', 'a URL'],
  ['uuid', 'an id'],
  ['datetime', 'an ISO 8601 time, such as 2026-01-31T12:00:00Z'],
  ['date-time', 'an ISO 8601 time, such as 2026-01-31T12:00:00Z'],
  ['date', 'a date, such as 2026-01-31'],
  ['base64', 'base64'],
  ['ipv4', 'an IPv4 address'],
  ['ipv6', 'an IPv6 address'],
  ['hostname', 'the name of a host'],
]);

const unitNames = new Map([
  ['string', 'characters'],
  ['array', 'items'],
  ['object', 'fields'],
  ['record', 'fields'],
]);

/** Lets every schema of this process speak so, where it has no words of its own. */
export function speakPlainly(): void {
  z.config({ localeError: plainly });
}

function plainly(issue: Issue): string {
  if (issue.input === undefined && issue.code !== 'custom') return words.missing;
  switch (issue.code) {
    case 'invalid_type':
      return words.ofType(issue.expected);
    case 'invalid_value':
      return words.oneOf(issue.values);
    case 'too_small':
      return issue.inclusive === false
        ? words.beyond('above', issue.minimum)
        : words.bound('least', issue.minimum, unitNames.get(issue.origin));
    case 'too_big':
      return issue.inclusive === false
        ? words.beyond('below', issue.maximum)
        : words.bound('most', issue.maximum, unitNames.get(issue.origin));
    case 'not_multiple_of':
      return words.multipleOf(issue.divisor);
    case 'invalid_format':
      return issue.format === 'regex' ? words.pattern : words.ofFormat(issue.format);
    case 'unrecognized_keys':
      return `has ${issue.keys.length === 1 ? 'a field that is' : 'fields that are'} not known: ${issue.keys.join(', ')}`;
    case 'invalid_union':
      return unionWords(issue);
    case 'invalid_key':
    case 'invalid_element':
    case 'custom':
      return words.wrong;
  }
}

function unionWords(issue: Extract<Issue, { code: 'invalid_union' }>): string {
  const { discriminator, options, input } = issue as { discriminator?: string; options?: Primitive[]; input: unknown };
  if (discriminator === undefined || !options) return words.noForm;
  const given = typeof input === 'object' && input !== null && Object.hasOwn(input, discriminator);
  return given ? words.oneOf(options) : words.missing;
}
