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
      handle: async ({ user, params: { id = '' }, request }) => {
        const medium = media.find(id, user);
        if (!medium || medium.finalizedAt !== undefined) return unknownMedium(id);
        const part = await partOf(request);
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

/** A part of a multipart form: `segment_index` and the bytes as `media`. */
async function partOf(request: FastifyRequest): Promise<{ segment: number; bytes: Buffer } | string> {
  if (!Buffer.isBuffer(request.body)) return 'The body must be multipart/form-data.';
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  let form: FormData;
  try {
    form = await new Response(new Uint8Array(request.body), { headers }).formData();
  } catch {
    return 'The multipart body cannot be read.';
  }
  const index = form.get('segment_index');
  const media = form.get('media');
  if (typeof index !== 'string' || !/^\d{1,3}$/.test(index) || Number(index) > maxSegment) {
    return `segment_index: must be 0 to ${maxSegment}`;
  }
  if (media === null) return 'media: is missing';
  const bytes = typeof media === 'string' ? Buffer.from(media, 'latin1') : Buffer.from(await media.arrayBuffer());
  return bytes.length > maxPartBytes ? `media: has more than ${maxPartBytes} bytes` : { segment: Number(index), bytes };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
