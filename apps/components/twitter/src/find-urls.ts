import { createRequire } from 'node:module';

export interface Span {
  start: number;
  /** Behind the last character. */
  end: number;
}

/** All that there are; the package is a JSON file, which Node 20 imports with a warning only. */
const topLevels: ReadonlySet<string> = new Set(createRequire(import.meta.url)('tlds') as string[]);

/**
 * Where a host may stand: with a scheme any, without one only of Latin letters. A label has 63 characters at most, which
 * also bounds how far a search can go astray.
 */
const candidates =
  /(?<![a-z0-9@＠$#＃])https?:\/\/(?:[\p{L}\p{M}\p{N}_-]{1,63}\.){1,126}[\p{L}\p{M}\p{N}-]{1,63}|(?<![a-z0-9@＠$#＃_./-])[a-z0-9\u00c0-\u024f][a-z0-9\u00c0-\u024f-]{0,62}(?:\.[a-z0-9\u00c0-\u024f-]{1,63}){1,126}/giu;
/** X takes no longer addresses; the bound also keeps many unfinished ones cheap. */
const pathCharacters = /[a-z0-9\u00c0-\u024f\u0400-\u04ff!*';:=+,.$/%#[\]\-\u2013_~@|&()]{0,4096}/iy;
const pathEnd = /[a-z0-9\u00c0-\u024f\u0400-\u04ff+\-=_#/)]/i;
const queryCharacters = /\?[a-z0-9!?*'@();:&=+$/%#[\]\-_.,~|]{0,4096}/iy;
const queryEnd = /[a-z0-9\-_&=#/]/i;
const shortLink = /^https?:\/\/t\.co\/[a-z0-9]+/i;

/**
 * The addresses in a text, as X finds and shortens them: with `http://` or `https://`, or without, where the host ends in a top-level
 * domain that exists. Takes time in proportion to the text.
 */
export function findUrls(text: string): Span[] {
  const found: Span[] = [];
  candidates.lastIndex = 0;
  for (let match = candidates.exec(text); match; match = candidates.exec(text)) {
    const start = match.index;
    const host = hostEnd(text, start, match[0]);
    if (host === undefined) {
      // One with a scheme may begin within.
      candidates.lastIndex = start + 1;
      continue;
    }
    const end = host === start + match[0].length ? tailEnd(text, start, host) : host;
    found.push({ start, end });
    candidates.lastIndex = end;
  }
  return found;
}

/** Behind the last label of the host that is a top-level domain, if there is one with a name before it. */
function hostEnd(text: string, start: number, candidate: string): number | undefined {
  const labels = candidate.split('.');
  let from = start + candidate.length;
  for (let at = labels.length - 1; at > 0; at -= 1) {
    const label = labels[at] ?? '';
    from -= label.length;
    // Where words are not parted by spaces, one may follow right behind it.
    for (const name of [label, /^[a-z0-9-]*/i.exec(label)?.[0] ?? '']) {
      const end = from + name.length;
      if (isTopLevel(name) && !/[0-9a-z@+-]/i.test(text[end] ?? '')) return end;
    }
    from -= 1;
  }
  return undefined;
}

function isTopLevel(name: string): boolean {
  return topLevels.has(name.toLowerCase()) || /^xn--[-0-9a-z]+$/i.test(name);
}

/** Behind port, path and query that follow a host. */
function tailEnd(text: string, start: number, host: number): number {
  let end = host + (/^:\d+/.exec(text.slice(host, host + 8))?.[0].length ?? 0);
  if (text[end] === '/') {
    // Nothing but its own letters belongs to a link of X's shortener.
    const short = shortLink.exec(text.slice(start, start + 64));
    if (short) return start + short[0].length;
    end = trimmed(text, { start: end, end: endOf(pathCharacters, text, end) }, pathEnd);
  }
  if (text[end] !== '?') return end;
  const query = trimmed(text, { start: end, end: endOf(queryCharacters, text, end) }, queryEnd);
  return query > end + 1 ? query : end;
}

function endOf(characters: RegExp, text: string, at: number): number {
  characters.lastIndex = at;
  return characters.exec(text) ? characters.lastIndex : at;
}

/** Marks behind an address belong to the sentence, and so does a bracket that has no counterpart in the address. */
function trimmed(text: string, { start, end }: Span, mayEnd: RegExp): number {
  const opened: number[] = [];
  let last = end;
  for (let at = start; at < last; at += 1) {
    if (text[at] === '(') opened.push(at);
    else if (text[at] === ')' && opened.pop() === undefined) last = at;
  }
  last = opened[0] ?? last;
  while (last > start && !mayEnd.test(text[last - 1] ?? '')) last -= 1;
  return last;
}
