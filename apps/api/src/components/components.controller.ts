import { Controller, Get, Inject, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { componentRepository, type ComponentEntity } from '@millrace/persistence';
import { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import { statusesOf, type ComponentStatus } from './availability.js';
import { componentList, componentSchema, type Component, type ComponentList } from './schemas.js';

const nameParam = z.string().describe('name of the component');
const namePattern = /^[a-z][a-z0-9-]{0,62}$/;

@ApiTags('Components')
@Controller('v1/components')
export class ComponentsController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('member')
  @ApiOperation({ summary: 'List the components of the catalogue', description: 'All on one page, by name.' })
  @Answers(200, 'Every component that has announced itself', componentList)
  async listComponents(): Promise<ComponentList> {
    const rows = await componentRepository(this.deps.database.dataSource.manager).list();
    const statuses = await statusesOf(this.deps, rows);
    return { items: rows.map((row) => componentView(row, statuses)), nextCursor: null };
  }

  @Get(':name')
  @Requires('member')
  @ApiOperation({ summary: 'One component' })
  @Answers(200, 'What the component says of itself', componentSchema)
  @Refuses('not_found')
  async readComponent(@Param('name', { schema: nameParam }) name: string): Promise<Component> {
    const known = namePattern.test(name);
    const row = known ? await componentRepository(this.deps.database.dataSource.manager).find(name) : null;
    if (!row) throw problem('not_found', { detail: 'There is no component of this name in the catalogue.' });
    return componentView(row, await statusesOf(this.deps, [row]));
  }
}

function componentView(row: ComponentEntity, statuses: Map<string, ComponentStatus>): Component {
  const status = statuses.get(row.name) ?? 'away';
  return { ...row.descriptor, status, lastSeenAt: row.lastSeenAt.toISOString() };
}
