import jsonata from 'jsonata';
import { refuse } from './refuse.js';
import { currentMillis } from './seeded.js';

/** @typedef {{ environment?: unknown }} Focus */

const isoText = /^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?$/i;
const offsetText = /^([+-])(\d\d):?(\d\d)$/;
const minuteMs = 60_000;

const [fromMillis, toMillis] = await Promise.all(
  ['$fromMillis', '$toMillis'].map(async (name) => {
    const { implementation } = await jsonata(name).evaluate(undefined);
    return implementation;
  }),
);

/**
 * `$toMillis`. What the picture leaves open is taken from the moment of the evaluation, not from the clock.
 *
 * @param {string} [text]
 * @param {string} [picture]
 * @returns {number | undefined}
 */
export function parseMillis(text, picture) {
  return toMillis.call({ environment: { timestamp: new Date(currentMillis()) } }, text, picture);
}

/**
 * `$now`.
 *
 * @param {string} [picture]
 * @param {string} [offset]
 * @returns {string}
 */
export function nowText(picture, offset) {
  return fromMillis(currentMillis(), picture, offset);
}

/**
 * `$parseDate`: a text as ISO 8601 in UTC.
 *
 * @param {string} [text]
 * @param {string} [picture] as of `$toMillis`; without it, the text is ISO 8601
 * @param {string} [timeZone] of a text that names none
 */
export function parseDate(text, picture, timeZone = 'UTC') {
  if (text === undefined) return undefined;
  if (picture === undefined || picture === '') return isoOf(instantOf(text, timeZone));
  const millis = parseMillis(text, picture);
  if (millis === undefined || !Number.isFinite(millis)) {
    throw refuse('invalid_argument', `$parseDate: the text does not look like ${picture}.`);
  }
  return isoOf(/\[\s*[Zz]/.test(picture) ? millis : fromLocal(millis, timeZone));
}

/**
 * `$formatDate`: a date in a time zone and form.
 *
 * @param {string | number} [date]
 * @param {string} [picture] as of `$fromMillis`; without it, ISO 8601
 * @param {string} [timeZone]
 * @returns {string | undefined}
 */
export function formatDate(date, picture, timeZone = 'UTC') {
  if (date === undefined) return undefined;
  const millis = instantOf(date, timeZone);
  const minutes = offsetMinutes(millis, timeZone);
  const size = Math.abs(minutes);
  const offset = `${minutes < 0 ? '-' : '+'}${twoDigits(Math.floor(size / 60))}${twoDigits(size % 60)}`;
  return fromMillis(millis, picture === '' ? undefined : picture, offset);
}

/** Lengths of units that are the same on every day. @type {Record<string, number>} */
const fixedUnits = { millisecond: 1, second: 1000, minute: minuteMs, hour: 60 * minuteMs };
/** Calendar units, in days or months. @type {Record<string, { days?: number, months?: number }>} */
const calendarUnits = { day: { days: 1 }, week: { days: 7 }, month: { months: 1 }, year: { months: 12 } };

/**
 * `$addTime`: a date moved by an amount, as ISO 8601 in UTC. Days and longer units keep the time of day in the time
 * zone; a day that a month does not have becomes its last.
 *
 * @param {string | number} [date]
 * @param {number} [amount]
 * @param {string} [unit]
 * @param {string} [timeZone]
 */
export function addTime(date, amount, unit, timeZone = 'UTC') {
  if (date === undefined || amount === undefined) return undefined;
  const millis = instantOf(date, timeZone);
  const name = (unit ?? '').toLowerCase().replace(/s$/, '');
  const fixed = fixedUnits[name];
  if (fixed !== undefined) return isoOf(millis + amount * fixed);
  const calendar = calendarUnits[name];
  if (!calendar || !Number.isInteger(amount)) {
    const units = [...Object.keys(fixedUnits), ...Object.keys(calendarUnits)].join(', ');
    const message = calendar ? 'days, weeks, months and years are added whole' : `the units are ${units}`;
    throw refuse('invalid_argument', `$addTime: ${message}.`);
  }
  const local = new Date(millis + offsetMinutes(millis, timeZone) * minuteMs);
  if (calendar.days !== undefined) local.setUTCDate(local.getUTCDate() + amount * calendar.days);
  else {
    const day = local.getUTCDate();
    local.setUTCMonth(local.getUTCMonth() + amount * (calendar.months ?? 1), 1);
    const lastDay = new Date(Date.UTC(local.getUTCFullYear(), local.getUTCMonth() + 1, 0)).getUTCDate();
    local.setUTCDate(Math.min(day, lastDay));
  }
  return isoOf(fromLocal(local.getTime(), timeZone));
}

/**
 * @param {string | number} date
 * @param {string} timeZone
 */
function instantOf(date, timeZone) {
  if (typeof date === 'number') return date;
  const iso = isoText.exec(date);
  const millis = iso ? Date.parse(date.length === 10 || iso[1] ? date : `${date}Z`) : Number.NaN;
  if (!iso || !Number.isFinite(millis)) {
    throw refuse(
      'invalid_argument',
      'A date is a number of milliseconds or a text in ISO 8601, as 2025-12-24T18:00:00Z.',
    );
  }
  return iso[1] ? millis : fromLocal(millis, timeZone);
}

/**
 * The instant at which clocks of the zone show what UTC shows at `millis`. Of two, the first; where clocks jump ahead,
 * the instant that far after the jump.
 *
 * @param {number} millis
 * @param {string} timeZone
 */
function fromLocal(millis, timeZone) {
  const before = millis - offsetMinutes(millis - 24 * 60 * minuteMs, timeZone) * minuteMs;
  const after = millis - offsetMinutes(millis + 24 * 60 * minuteMs, timeZone) * minuteMs;
  const fits = [before, after].filter((at) => at + offsetMinutes(at, timeZone) * minuteMs === millis);
  return fits.length > 0 ? Math.min(...fits) : before;
}

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/**
 * @param {number} millis
 * @param {string} timeZone an IANA name, or an offset such as +0200
 */
function offsetMinutes(millis, timeZone) {
  if (timeZone === 'UTC' || timeZone === 'Z') return 0;
  const given = offsetText.exec(timeZone);
  if (given) return minutesOf(given);
  const format = formats.get(timeZone) ?? zoneFormat(timeZone);
  const name = format.formatToParts(millis).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  const shown = offsetText.exec(name.slice('GMT'.length));
  return shown ? minutesOf(shown) : 0;
}

/** @param {string} timeZone */
function zoneFormat(timeZone) {
  try {
    const format = new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
    formats.set(timeZone, format);
    return format;
  } catch {
    throw refuse('invalid_argument', 'A time zone is a name such as Europe/Berlin, or an offset such as +0200.');
  }
}

/** @param {RegExpExecArray} offset */
function minutesOf([, sign, hours, minutes]) {
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes));
}

/** @param {number} value */
function twoDigits(value) {
  return String(value).padStart(2, '0');
}

/** @param {number} millis */
function isoOf(millis) {
  const date = new Date(millis);
  if (!Number.isFinite(date.getTime())) throw refuse('invalid_argument', 'The date is out of range.');
  return date.toISOString();
}
