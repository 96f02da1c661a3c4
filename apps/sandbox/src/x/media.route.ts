import type { FastifyInstance, FastifyRequest } from 'fastify';
import { guardedRoute, type XAnswer } from './guarded-route.js';
import { mediumView, sizeOf } from './media.js';
import { invalidRequest, problem, type Refusal } from './problems.js';
import type { XWorld } from './world.js';

const maxPartBytes = 5 * 1024 * 1024;
const maxSegment = 999;

/** Uploads of media as v2 takes them: begin, append the parts, finish, ask for the state. */
export function mediaRoutes(world: XWorld): (fastify: FastifyInstance) => Promise<void> {
  const { media } = world;
  const scopes = ['media.write'] as const;
  return async (fastify) => {
    guardedRoute(fastify, world, {
      method: 'POST',
      url: '/2/media/upload/initialize',
      scopes,
      handle: ({ user, body }) => {
        const medium = media.begin(user, {
          mediaType: textOf(body['media_type']),
          category: textOf(body['media_category']),
          totalBytes: Number(body['total_bytes']),
        });
        if (typeof medium !== 'string') return { body: { data: mediumView(medium) } };
        const [parameter = ''] = medium.split(':');
        return invalidRequest(parameter, body[parameter], medium);
      },
    });

    guardedRoute(fastify, world, {
      method: 'POST',
      url: '/2/media/upload/:id/append',
      scopes,
      handle: ({ user, params: { id = '' }, request }) => {
        const medium = media.find(id, user);
        if (!medium || medium.finalizedAt !== undefined) return unknownMedium(id);
        const part = partOf(request);
        if (typeof part === 'string') return invalidRequest('media', '', part);
        medium.parts[part.segment] = part.bytes;
        if (sizeOf(medium) > medium.totalBytes)
          return invalidRequest('media', id, 'More bytes came than were announced.');
        return { body: { data: { expires_at: Math.floor(Date.now() / 1000) + 86_400 } } };
      },
    });

    guardedRoute(fastify, world, {
      method: 'POST',
      url: '/2/media/upload/:id/finalize',
      scopes,
      handle: ({ user, params: { id = '' } }): XAnswer | Refusal => {
        const medium = media.find(id, user);
        if (!medium) return unknownMedium(id);
        const fault = media.finish(medium);
        if (fault !== undefined) return invalidRequest('media_id', id, fault);
        return { body: { data: mediumView(medium) } };
      },
    });

    guardedRoute(fastify, world, {
      method: 'GET',
      url: '/2/media/upload',
      scopes,
      handle: ({ user, query: { media_id: id = '', command } }) => {
        if (command !== 'STATUS') return invalidRequest('command', command, 'The command must be STATUS.');
        const medium = media.find(id, user);
        return medium ? { body: { data: mediumView(medium) } } : unknownMedium(id);
      },
    });
  };
}

function unknownMedium(id: string): Refusal {
  return problem(404, 'Not Found', `There is no open upload [${id}] of this user.`);
}

/** A part of an upload: the fields `segment_index` and `media` of a form. */
function partOf(request: FastifyRequest): { segment: number; bytes: Buffer } | string {
  const boundary = /boundary="?([^";]+)"?/i.exec(request.headers['content-type'] ?? '')?.[1];
  if (!Buffer.isBuffer(request.body) || boundary === undefined) return 'The body must be multipart/form-data.';
  const fields = fieldsOf(request.body, boundary);
  const index = fields.get('segment_index')?.toString('latin1') ?? '';
  const bytes = fields.get('media');
  if (!/^\d{1,3}$/.test(index) || Number(index) > maxSegment) return `segment_index: must be 0 to ${maxSegment}`;
  if (!bytes) return 'media: is missing';
  return bytes.length > maxPartBytes ? `media: has more than ${maxPartBytes} bytes` : { segment: Number(index), bytes };
}

/** The fields of a multipart form by name, as bytes: uploads have no file name, so a usual reader would make text of them. */
function fieldsOf(body: Buffer, boundary: string): ReadonlyMap<string, Buffer> {
  const fields = new Map<string, Buffer>();
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  const whole = Buffer.concat([Buffer.from('\r\n'), body]);
  let at = whole.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    const end = whole.indexOf(delimiter, start);
    const headersEnd = whole.indexOf('\r\n\r\n', start);
    if (end === -1 || headersEnd === -1 || headersEnd > end) break;
    const name = /name="([^"]*)"/.exec(whole.toString('latin1', start, headersEnd))?.[1];
    if (name !== undefined) fields.set(name, whole.subarray(headersEnd + 4, end));
    at = end;
  }
  return fields;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
