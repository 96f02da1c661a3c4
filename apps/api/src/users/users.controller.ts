import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { assertNever, type UserId } from '@millrace/contracts';
import { findUser, listUsers, type UserRow } from '@millrace/persistence';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { API_DEPS, type ApiDeps } from '../deps.js';
import { Answers, Refuses } from '../http/answers.js';
import { CurrentCaller, type Caller } from '../http/caller.js';
import { cursorId, idParam } from '../http/fields.js';
import { problem } from '../http/problems.js';
import { Requires } from '../http/roles.js';
import {
  changeUserBody,
  createUserBody,
  invitedUser,
  oneTimeLink,
  userList,
  userQuery,
  userSchema,
  type InvitedUser,
  type OneTimeLink,
  type User,
  type UserList,
} from './schemas.js';
import { changeUser, createUser, removeUser, renewLink, type Link, type UserRefusal } from './user-changes.js';

const userIdParam = idParam<UserId>('user');

@ApiTags('Users')
@Controller('v1/users')
export class UsersController {
  constructor(@Inject(API_DEPS) private readonly deps: ApiDeps) {}

  @Get()
  @Requires('administrator')
  @ApiOperation({ summary: 'List the users of the workspace', description: 'Newest first.' })
  @Answers(200, 'A page of users', userList)
  async listUsers(
    @CurrentCaller() { workspaceId }: Caller,
    @Query({ schema: userQuery }) { limit, cursor }: z.output<typeof userQuery>,
  ): Promise<UserList> {
    const page = { limit, before: cursorId<UserId>(cursor) };
    const { items, next } = await listUsers(this.deps.database.dataSource.manager, workspaceId, page);
    return { items: items.map(userView), nextCursor: next };
  }

  @Post()
  @Requires('administrator')
  @ApiOperation({
    summary: 'Add a user',
    description:
      'Nothing is mailed: pass the link of the answer on to the user, who chooses a password by it within seven days. ' +
      'It is shown only here.',
  })
  @Answers(201, 'The user, with the one-time link', invitedUser)
  @Refuses('validation_failed', 'email_taken')
  async createUser(
    @CurrentCaller() caller: Caller,
    @Body({ schema: createUserBody }) body: z.output<typeof createUserBody>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<InvitedUser> {
    const creation = await createUser(this.deps, caller, body);
    if (creation.outcome === 'emailTaken') throw refusal(creation);
    reply.header('location', `/v1/users/${creation.user.id}`);
    return { ...userView(creation.user), link: this.linkView(creation.link) };
  }

  @Get(':userId')
  @Requires('administrator')
  @ApiOperation({ summary: 'One user' })
  @Answers(200, 'The user', userSchema)
  @Refuses('not_found')
  async readUser(
    @CurrentCaller() { workspaceId }: Caller,
    @Param('userId', { schema: userIdParam }) id: UserId,
  ): Promise<User> {
    const user = await findUser(this.deps.database.dataSource.manager, workspaceId, id);
    if (!user) throw refusal({ outcome: 'missing' });
    return userView(user);
  }

  @Patch(':userId')
  @Requires('administrator')
  @ApiOperation({
    summary: 'Change a user',
    description: 'Another role holds from the next request of the user on. The last administrator stays one.',
  })
  @Answers(200, 'The user', userSchema)
  @Refuses('not_found', 'validation_failed', 'email_taken', 'last_administrator', 'user_elsewhere')
  async changeUser(
    @CurrentCaller() caller: Caller,
    @Param('userId', { schema: userIdParam }) id: UserId,
    @Body({ schema: changeUserBody }) body: z.output<typeof changeUserBody>,
  ): Promise<User> {
    const change = await changeUser(this.deps, caller, id, body);
    if (change.outcome !== 'changed') throw refusal(change);
    return userView(change.user);
  }

  @Delete(':userId')
  @Requires('administrator')
  @ApiOperation({
    summary: 'Delete a user',
    description: 'Ends sessions and API tokens of the user. What the user has made stays, and so does the audit.',
  })
  @Answers(204, 'It is gone')
  @Refuses('not_found', 'last_administrator')
  async deleteUser(
    @CurrentCaller() caller: Caller,
    @Param('userId', { schema: userIdParam }) id: UserId,
  ): Promise<void> {
    const removal = await removeUser(this.deps, caller, id);
    if (removal.outcome !== 'removed') throw refusal(removal);
  }

  @Post(':userId/link')
  @Requires('administrator')
  @ApiOperation({
    summary: 'Make a one-time link by which a user chooses a password',
    description:
      'For one who has forgotten it (good for a day), or whose invitation has expired (seven days). The present password ' +
      'stays good until the link is used; a link that was made before ends.',
  })
  @Answers(201, 'The link', oneTimeLink)
  @Refuses('not_found', 'conflict', 'user_elsewhere')
  async createUserLink(
    @CurrentCaller() caller: Caller,
    @Param('userId', { schema: userIdParam }) id: UserId,
  ): Promise<OneTimeLink> {
    const renewal = await renewLink(this.deps, caller, id);
    if (renewal.outcome !== 'linked') throw refusal(renewal);
    return this.linkView(renewal.link);
  }

  // After the `#` no browser sends it to a server, so that no access log and no referrer has it.
  private linkView({ token, expiresAt }: Link): OneTimeLink {
    const url = `${this.deps.consoleUrl}/invitation#token=${token}`;
    return { token, url, expiresAt: expiresAt.toISOString() };
  }
}

function userView(user: UserRow): User {
  return {
    ...user,
    linkExpiresAt: user.linkExpiresAt?.toISOString() ?? null,
    lastSignInAt: user.lastSignInAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
  };
}

function refusal({ outcome }: UserRefusal): ReturnType<typeof problem> {
  switch (outcome) {
    case 'missing':
      return problem('not_found', { detail: 'There is no user of this id.' });
    case 'emailTaken':
      return problem('email_taken', { detail: 'Give the user another e-mail address.' });
    case 'lastAdministrator':
      return problem('last_administrator', {
        detail: 'Make another user an administrator first, who has chosen a password and is not disabled.',
      });
    case 'elsewhere':
      return problem('user_elsewhere', {
        detail: 'Only the user can change e-mail address, name and password then. Role and access can be changed here.',
      });
    case 'disabled':
      return problem('conflict', { detail: 'The user is disabled: send PATCH with {"disabled": false} first.' });
    default:
      return assertNever(outcome);
  }
}
