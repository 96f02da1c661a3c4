import { parseParameters } from './parameters.js';
import type { BodyFault } from './read-body.js';

/** Read into memory and turned into JSON. */
export type BufferedKind = 'json' | 'xml' | 'form' | 'csv' | 'text';
/** Read while it comes in; files go to a sink. */
export type StreamedKind = 'multipart' | 'file';
/** How a body is read; `none` is a request without one. */
export type BodyKind = 'none' | BufferedKind | StreamedKind;

export interface ContentType {
  /** In lower case, without parameters. */
  mediaType: string;
  charset: string | undefined;
  boundary: string | undefined;
}

const mediaTypeText = /^[ \t]*([!#$%&'*+.^_`|~0-9a-z-]+\/[!#$%&'*+.^_`|~0-9a-z-]+)[ \t]*(?=;|$)/i;

/** `undefined` when the text is no content type. */
export function parseContentType(text: string): ContentType | undefined {
  const [matched, mediaType] = mediaTypeText.exec(text) ?? [];
  if (matched === undefined || mediaType === undefined) return undefined;
  const parameters = parseParameters(text.slice(matched.length));
  if (!parameters) return undefined;
  const charset = parameters.get('charset')?.trim().toLowerCase();
  return {
    mediaType: mediaType.toLowerCase(),
    charset: charset === '' ? undefined : charset,
    boundary: parameters.get('boundary'),
  };
}

/** What to call the type of a file: as it was sent, if it can be sent on in a header like that. */
export function fileTypeOf(contentType: string | undefined): string {
  const text = contentType?.trim() ?? '';
  return parseContentType(text) && /^[\x20-\x7e]{1,255}$/.test(text) ? text : 'application/octet-stream';
}

/** What a request says of its body before any of it is read. */
export interface BodyHead {
  method: string;
  /** The header as it came. */
  contentType: string | undefined;
  /** The request has neither `Transfer-Encoding` nor a `Content-Length` above 0. */
  empty: boolean;
}

/** Methods whose bodies mean nothing in themselves: clients name a content type there without sending any. */
const bodylessMethods = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS']);

/**
 * The one place that decides what a content type means. A body without a content type is a file. An empty one is `none`
 * when it has no content type or the method usually has no body; else it is read as what it says it is. A content type
 * that cannot be read is a fault; there is none that is not taken.
 */
export function bodyKindOf(head: BodyHead): { ok: true; kind: BodyKind } | { ok: false; fault: BodyFault } {
  if (head.empty && (head.contentType === undefined || bodylessMethods.has(head.method.toUpperCase()))) {
    return { ok: true, kind: 'none' };
  }
  if (head.contentType === undefined) return { ok: true, kind: 'file' };
  const contentType = parseContentType(head.contentType);
  if (!contentType) {
    const message = 'The content type cannot be read: send one such as application/json; charset=utf-8.';
    return { ok: false, fault: { code: 'unsupported_media_type', message } };
  }
  return { ok: true, kind: kindOf(contentType.mediaType) };
}

export function isStreamed(kind: BodyKind): kind is StreamedKind {
  return kind === 'multipart' || kind === 'file';
}

const kinds: Record<string, BodyKind> = {
  'application/json': 'json',
  'text/json': 'json',
  'application/xml': 'xml',
  'text/xml': 'xml',
  'application/x-www-form-urlencoded': 'form',
  'text/csv': 'csv',
  'text/plain': 'text',
  'multipart/form-data': 'multipart',
};

/** Pictures and mails are files even where their format is XML, as in image/svg+xml. */
const alwaysFile = /^(?:image|audio|video|font|multipart|message)\//;

export function kindOf(mediaType: string): BodyKind {
  if (Object.hasOwn(kinds, mediaType)) return kinds[mediaType] ?? 'file';
  if (alwaysFile.test(mediaType)) return 'file';
  if (mediaType.endsWith('+json')) return 'json';
  return mediaType.endsWith('+xml') ? 'xml' : 'file';
}
