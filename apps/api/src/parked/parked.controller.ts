import { Controller, Delete, Get, Inject, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever } from '@millrace/contracts';
import { announceChange, type ParkedWhole } from '@millrace/persistence';
import { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { idParam, pageFields } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { endParked, findVisible, listVisible, releaseParked } from './parked-messages.js';
import { parkedCursor, parkedPlace } from './parked-cursor.js';
import { shownContent } from './parked-content.js';
import { parkedContent, parkedList, type ParkedDetail, type ParkedList } from './schemas.js';

const pageQuery = z.object(pageFields);
const parkedIdParam = idParam<string>('parked message');

@ApiTags('Parked messages')
@Controller('v1/parked')
export class ParkedController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('administrator')
  @ApiOperation({
    summary: 'List parked messages',
    description: 'Newest first: messages that nobody could handle. A page may hold fewer than asked for and go on.',
  })
  @Answers(200, 'A page of parked messages', parkedList)
  async listParked(
    @CurrentCaller() caller: Caller,
    @Query({ schema: pageQuery }) query: z.output<typeof pageQuery>,
  ): Promise<ParkedList> {
    const before = query.cursor === undefined ? undefined : parkedPlace(query.cursor);
    const page = await listVisible(this.deps, caller.workspaceId, { limit: query.limit, before });
    const items = page.items.map(({ id, queue, reason, messageId, sizeBytes, parkedAt }) => {
      return { id, queue, reason, messageId, sizeBytes, parkedAt: parkedAt.toISOString() };
    });
    return { items, nextCursor: page.next && parkedCursor(page.next) };
  }

  @Get(':parkedId')
  @Requires('administrator')
  @ApiOperation({ summary: 'One parked message with its body' })
  @Answers(200, 'The message', parkedContent)
  @Refuses('not_found')
  async readParked(
    @CurrentCaller() caller: Caller,
    @Param('parkedId', { schema: parkedIdParam }) parkedId: string,
  ): Promise<ParkedDetail> {
    const message = await this.find(caller, parkedId);
    const { id, queue, reason, messageId, sizeBytes, parkedAt } = message;
    const content = await shownContent(this.deps, caller.workspaceId, message);
    return { id, queue, reason, messageId, sizeBytes, parkedAt: parkedAt.toISOString(), ...content };
  }

  @Post(':parkedId/release')
  @Requires('administrator')
  @ApiOperation({
    summary: 'Release a parked message',
    description: 'It goes to its queue once more, with its id: what was done for it already is not done again.',
  })
  @Answers(204, 'It is on its queue')
  @Refuses('not_found', 'no_queue', 'unavailable')
  async releaseParked(
    @CurrentCaller() caller: Caller,
    @Param('parkedId', { schema: parkedIdParam }) id: string,
  ): Promise<void> {
    const message = await this.find(caller, id);
    const { outcome } = await releaseParked(this.deps, caller, message);
    switch (outcome) {
      case 'released':
        return this.gone(caller, message, 'parked message released');
      case 'noQueue':
        throw problem('no_queue', {
          detail: `There is no queue “${message.queue}” to release it to. Start what reads that queue, or delete the message.`,
        });
      case 'unavailable':
        throw problem('unavailable', {
          detail: 'The broker did not confirm the message, so it stays parked. Try again.',
          headers: { 'retry-after': '10' },
        });
      default:
        return assertNever(outcome);
    }
  }

  @Delete(':parkedId')
  @Requires('administrator')
  @ApiOperation({ summary: 'Delete a parked message', description: 'What it asked for will never be done.' })
  @Answers(204, 'It is deleted')
  @Refuses('not_found')
  async deleteParked(
    @CurrentCaller() caller: Caller,
    @Param('parkedId', { schema: parkedIdParam }) id: string,
  ): Promise<void> {
    const message = await this.find(caller, id);
    await endParked(this.deps, caller, message, 'parked_message.deleted');
    await this.gone(caller, message, 'parked message deleted');
  }

  private async find(caller: Caller, id: string): Promise<ParkedWhole> {
    const message = await findVisible(this.deps, caller.workspaceId, id);
    if (!message) throw problem('not_found', { detail: 'There is no parked message of this id.' });
    return message;
  }

  /** Whose it was nobody can tell any more but whoever has read it. */
  private async gone({ userId, workspaceId }: Caller, message: ParkedWhole, what: string): Promise<void> {
    const { id, queue, messageId } = message;
    await announceChange(this.deps.database.dataSource.manager, workspaceId, { type: 'parked', flowId: null, id });
    this.deps.logger.info({ parkedId: id, queue, messageId, userId }, what);
  }
}
