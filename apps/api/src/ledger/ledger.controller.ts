import { Controller, Get, Inject, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { readLedgerPage } from './read-ledger-page.js';
import { ledgerQuery, ledgerSchema, type Ledger, type LedgerQuery } from './schemas.js';

@ApiTags('Ledger')
@Controller('v1/ledger')
export class LedgerController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('member')
  @ApiOperation({
    summary: 'What became of the requests that were accepted',
    description:
      'Per flow and hour, newest first: accepted = succeeded + failed + cancelled + duplicate + in flight + parked + ' +
      'missing - uncounted. Both sides are counted independently: the one as calls are answered, the other as rows.',
  })
  @Answers(200, 'A page of the ledger', ledgerSchema)
  async readLedger(
    @CurrentCaller() caller: Caller,
    @Query({ schema: ledgerQuery }) query: LedgerQuery,
  ): Promise<Ledger> {
    const page = await readLedgerPage(this.deps, caller.workspaceId, query);
    if (page.outcome === 'badSpan') throw problem('invalid_request', { detail: page.reason });
    return page.ledger;
  }
}
