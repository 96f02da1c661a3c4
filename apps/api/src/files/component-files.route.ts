import { AttachmentStoreError, type AttachmentStore, type StoredAttachment } from '@millrace/attachments';
import { parseId, type AttachmentId, type RunId, type StepId, type StepPath } from '@millrace/contracts';
import { readComponentCall, type ComponentCall } from '@millrace/credentials';
import { databaseFault, findSentStep, type Database, type SentStep } from '@millrace/persistence';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { problem } from '../http/problems.js';
import { bounded, BodyTooLarge } from './bounded.js';

export interface ComponentFilesOptions {
  database: Database;
  attachments: Pick<AttachmentStore, 'store' | 'open' | 'discard'>;
  /** The key of a component, which signs its calls. */
  credentialKey: (component: string) => Buffer;
  maxFileBytes: number;
  /** Each holds what of a file waits in memory to be stored. */
  maxUploads: number;
  clock: () => number;
}

/** Where components read and write files. */
export const componentFilesPath = '/component/files';

const stepSchema = z.object({
  component: z.string(),
  runId: z.uuid(),
  stepId: z.string(),
  path: z.string(),
  attempt: z.int().positive(),
});
const createSchema = stepSchema.extend({ act: z.literal('createFile'), name: z.string(), contentType: z.string() });
const removeSchema = stepSchema.extend({ act: z.literal('removeFile'), fileId: z.uuid() });
const openSchema = stepSchema.extend({ act: z.literal('openFile'), fileId: z.uuid() });

/**
 * Files of steps, for the components that run them: `POST` stores one for the run, `GET` reads one of the same workspace,
 * `DELETE` removes one of the same run, which an attempt that fails does with what it has made. Each call is signed with the component's own key and names the step that it is for, which must be running and of that
 * component; no user gets in here. A plain Fastify plugin, because bodies go through as they come in.
 */
export async function componentFilesRoute(fastify: FastifyInstance, options: ComponentFilesOptions): Promise<void> {
  let uploads = 0;
  // Whatever type it says it has, it is a file.
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, payload, done) => done(null, payload));

  fastify.post(componentFilesPath, { bodyLimit: options.maxFileBytes }, async (request, reply) => {
    const call = createSchema.safeParse(signedCall(request, options));
    if (!call.success) throw unsigned();
    const step = await stepOf(options, request, call.data);
    if (uploads >= options.maxUploads) throw busy('Too many files are being stored at the moment.');
    uploads += 1;
    try {
      const { name, contentType, runId } = call.data;
      const file = { workspaceId: step.workspaceId, runId: runId as RunId, name, contentType };
      const content = bounded(request.body as AsyncIterable<Buffer>, options.maxFileBytes);
      const stored = await options.attachments.store(file, content);
      return await reply.code(201).send(stored);
    } catch (error) {
      if (error instanceof BodyTooLarge) throw tooLarge(options);
      throw presentable(error);
    } finally {
      uploads -= 1;
    }
  });

  fastify.get<{ Params: { id: string } }>(`${componentFilesPath}/:id`, async (request, reply) => {
    const call = openSchema.safeParse(signedCall(request, options));
    const id = parseId<AttachmentId>(request.params.id);
    if (!call.success || call.data.fileId !== request.params.id || !id) throw unsigned();
    const step = await stepOf(options, request, call.data);
    let file: StoredAttachment | undefined;
    try {
      file = await options.attachments.open(id);
      if (file?.workspaceId !== step.workspaceId) throw problem('not_found', { detail: 'There is no such file.' });
      const content = await file.read();
      // The caller may be gone by now, and nothing would end the stream.
      if (request.raw.socket.destroyed) content.destroy();
      return await reply
        .headers({ 'content-type': 'application/octet-stream', 'content-length': file.sizeBytes })
        .send(content);
    } catch (error) {
      throw presentable(error);
    }
  });

  fastify.delete<{ Params: { id: string } }>(`${componentFilesPath}/:id`, async (request, reply) => {
    await removeFile(options, request, request.params.id);
    return reply.code(204).send();
  });
}

async function removeFile(options: ComponentFilesOptions, request: FastifyRequest, fileId: string): Promise<void> {
  const call = removeSchema.safeParse(signedCall(request, options));
  const id = parseId<AttachmentId>(fileId);
  if (!call.success || call.data.fileId !== fileId || !id) throw unsigned();
  const step = await stepOf(options, request, call.data);
  try {
    const file = await options.attachments.open(id);
    if (file?.workspaceId === step.workspaceId && file.runId === call.data.runId)
      await options.attachments.discard([id]);
  } catch (error) {
    throw presentable(error);
  }
}

function signedCall(request: FastifyRequest, { credentialKey, clock }: ComponentFilesOptions): ComponentCall {
  const [scheme, token = ''] = (request.headers.authorization ?? '').split(' ');
  const call = scheme === 'Component' ? readComponentCall(token, credentialKey, clock()) : undefined;
  if (!call) throw unsigned();
  return call;
}

async function stepOf(
  { database }: ComponentFilesOptions,
  request: FastifyRequest,
  address: z.output<typeof stepSchema>,
): Promise<SentStep> {
  const { runId, stepId, path, attempt } = address;
  const step = await findSentStep(database, {
    runId: runId as RunId,
    stepId: stepId as StepId,
    path: path as StepPath,
    attempt,
  }).catch((error: unknown) => {
    throw presentable(error);
  });
  if (!step || step.component !== address.component) {
    request.raw.resume();
    throw problem('step_not_running', { detail: 'The step that the file is for does not run.' });
  }
  return step;
}

function unsigned(): Error {
  return problem('unauthorized', { detail: 'The call is not signed by a component, or too late.' });
}

function busy(detail: string): Error {
  return problem('unavailable', { detail, headers: { 'retry-after': '5' } });
}

function tooLarge({ maxFileBytes }: ComponentFilesOptions): Error {
  const detail = `A file has at most ${maxFileBytes} bytes; the operator can allow more with MAX_FILE_BYTES.`;
  return problem('body_too_large', { detail, headers: { connection: 'close' } });
}

function presentable(error: unknown): unknown {
  if (error instanceof AttachmentStoreError) {
    if (error.fault === 'missing') return problem('not_found', { detail: 'There is no such file.' });
    return busy('Files cannot be stored or read at the moment.');
  }
  return databaseFault(error) === 'transient' ? busy('The database cannot be reached at the moment.') : error;
}
