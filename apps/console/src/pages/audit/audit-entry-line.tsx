import { Anchor, Badge, Group, Text, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { AuditEntry } from '../../api/schema.generated.js';
import { CopyButton } from '../../ui/copy-button.js';
import { NameText } from '../../ui/name-text.js';
import { When } from '../../ui/when.js';
import { actWords, entityPath } from './audit-words.js';
import classes from './audit-entry-line.module.css';
import { ChangeList } from './change-list.js';

/** One entry: who did what to what, when and from where, and what it changed. */
export function AuditEntryLine({
  entry,
  onActor,
}: {
  entry: AuditEntry;
  onActor: (userId: string) => void;
}): ReactNode {
  const { actor, action, entity, changes, count, at, lastAt, address, requestId } = entry;
  // Of acts on oneself the name says nothing new.
  const named = entity.name !== null && !(entity.type === 'user' && entity.name === actor?.email);
  return (
    <li className={classes['entry']}>
      <div className={classes['when']}>
        <When time={lastAt} />
      </div>
      <div className={classes['act']}>
        <div className={classes['sentence']}>
          {actor ? (
            <Anchor
              component="button"
              type="button"
              fw={600}
              onClick={() => onActor(actor.userId)}
              className={classes['actor'] ?? ''}
            >
              <bdi>{actor.email}</bdi>
            </Anchor>
          ) : (
            <Text span fw={600}>
              Someone
            </Text>
          )}{' '}
          {actor?.apiToken && (
            <Text span c="dimmed">
              (by the API token <bdi>“{actor.apiToken.name}”</bdi>){' '}
            </Text>
          )}
          {actWords(action)} {named && <EntityName entity={entity} action={action} />}{' '}
          {count > 1 && (
            <Tooltip label={`From ${new Date(at).toLocaleString()} to ${new Date(lastAt).toLocaleString()}`}>
              <Badge variant="default" size="sm">
                {count} times
              </Badge>
            </Tooltip>
          )}
        </div>
        <ChangeList changes={changes} />
        <Group gap="xs" mt={4} wrap="wrap">
          <Text size="xs" c="dimmed">
            from {address}
          </Text>
          <Group gap={2} wrap="nowrap">
            <Text size="xs" c="dimmed" className={classes['request'] ?? ''}>
              request {requestId}
            </Text>
            <CopyButton value={requestId} label="Copy the request id" />
          </Group>
        </Group>
      </div>
    </li>
  );
}

function EntityName({ entity, action }: Pick<AuditEntry, 'entity' | 'action'>): ReactNode {
  const path = entityPath(entity, action);
  const name = (
    <span className={classes['name']}>
      <NameText>{entity.name ?? ''}</NameText>
    </span>
  );
  return path === undefined ? (
    <Text span fw={600}>
      {name}
    </Text>
  ) : (
    <Anchor component={Link} to={path} fw={600}>
      {name}
    </Anchor>
  );
}
