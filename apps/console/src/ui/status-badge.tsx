import {
  IconCircleCheckFilled,
  IconCircleDashed,
  IconCircleXFilled,
  IconClockFilled,
  IconPlayerPlayFilled,
} from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './status-badge.module.css';
import { toneOf, type Tone } from './status-tone.js';

const signs: Readonly<Record<Tone, typeof IconCircleDashed>> = {
  good: IconCircleCheckFilled,
  bad: IconCircleXFilled,
  busy: IconPlayerPlayFilled,
  waiting: IconClockFilled,
  calm: IconCircleDashed,
};

export interface StatusBadgeProps {
  /** A status word as the control plane has it: of a flow, a run, a step run, a credential or a component. */
  status: string;
  /** Other words for it. */
  label?: string;
  /** Another tone than the status has by itself. */
  tone?: Tone;
}

/** A status as a word with a sign and a colour. */
export function StatusBadge({ status, label = status, tone = toneOf(status) }: StatusBadgeProps): ReactNode {
  const Sign = signs[tone];
  return (
    <span className={classes['badge']} data-tone={tone}>
      <Sign size={14} aria-hidden="true" />
      {label}
    </span>
  );
}
