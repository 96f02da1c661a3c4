import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from './pairs.module.css';

/** Names with their values, such as the headers of a request. */
export function Pairs({ title, pairs }: { title: string; pairs: Readonly<Record<string, unknown>> }): ReactNode {
  return (
    <div>
      <Text size="sm" fw={600} mb={4}>
        {title}
      </Text>
      <dl className={classes['pairs']}>
        {Object.entries(pairs).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
