import { Anchor, Text } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Credential } from '../../api/schema.generated.js';
import { NameText } from '../../ui/name-text.js';
import { StatusBadge } from '../../ui/status-badge.js';
import classes from './used-by.module.css';

const shownAtFirst = 2;

/** The flows that use a credential, as links; many are shown on demand. */
export function UsedBy({ flows, all = false }: { flows: Credential['usedBy']; all?: boolean }): ReactNode {
  const [opened, more] = useDisclosure(all);
  if (flows.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        no flow
      </Text>
    );
  }
  const rest = flows.length - shownAtFirst;
  return (
    <>
      <ul className={classes['flows']}>
        {(opened ? flows : flows.slice(0, shownAtFirst)).map(({ id, name, status }) => (
          <li key={id} className={classes['flow']}>
            <Anchor component={Link} to={`/flows/${id}`} size="sm" miw={0}>
              <NameText>{name}</NameText>
            </Anchor>
            <StatusBadge status={status} />
          </li>
        ))}
      </ul>
      {rest > 0 && !opened && (
        <Anchor component="button" type="button" size="sm" onClick={more.open}>
          and {rest} more
        </Anchor>
      )}
    </>
  );
}
