import { Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { agoWords, wholeTime } from './time-words.js';
import { useNow } from './use-now.js';

export interface WhenProps {
  /** An ISO 8601 time; nothing becomes a dash. */
  time: string | null | undefined;
  /** Known to be over: it is not ahead because the clock of the page goes on in steps. */
  isPast?: boolean;
}

/** A time as its distance from now, which stays current; the whole time is in the tooltip. */
export function When({ time, isPast = false }: WhenProps): ReactNode {
  const now = useNow();
  if (time === null || time === undefined) return <span>–</span>;
  const date = new Date(time);
  return (
    <Tooltip label={wholeTime(date)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={time} style={{ whiteSpace: 'nowrap' }}>
        {agoWords(date, isPast ? Math.max(now, date.getTime()) : now)}
      </time>
    </Tooltip>
  );
}
