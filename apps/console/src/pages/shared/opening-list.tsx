import { Accordion, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { MoreRows, type MoreRowsProps } from '../../ui/more-rows.js';
import { When } from '../../ui/when.js';
import classes from './opening-list.module.css';

/** A list whose items, each an `Accordion.Item`, open where they stand. It goes on when its end comes into sight. */
export function OpeningList({ query, children }: MoreRowsProps & { children: ReactNode }): ReactNode {
  return (
    <Stack>
      <Accordion
        className={classes['list'] ?? ''}
        variant="contained"
        chevronPosition="left"
        multiple
        keepMounted={false}
      >
        {children}
      </Accordion>
      <MoreRows query={query} />
    </Stack>
  );
}

export interface ItemHeadProps {
  title: string;
  words: ReactNode;
  /** ISO 8601. */
  time: string;
  /** Stands before the title. */
  sign?: ReactNode;
}

/** What an item shows while it is closed, too. */
export function ItemHead({ title, words, time, sign }: ItemHeadProps): ReactNode {
  return (
    <div className={classes['head']}>
      {sign}
      <div className={classes['what']}>
        <Text size="sm" fw={600} className={classes['title'] ?? ''}>
          {title}
        </Text>
        <Text size="xs" c="dimmed" truncate>
          {words}
        </Text>
      </div>
      <Text size="sm" component="span">
        <When time={time} />
      </Text>
    </div>
  );
}
