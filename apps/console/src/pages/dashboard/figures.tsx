import { Paper, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'react-router';
import type { Dashboard, RunStatus } from '../../api/schema.generated.js';
import { rateWords } from '../flows/success-rate.js';
import { runsPath } from '../runs/run-filter.js';
import classes from './dashboard.module.css';
import type { Span } from './span.js';

/** The numbers that matter, each leading to the runs behind it. */
export function Figures({ dashboard, span }: { dashboard: Dashboard; span: Span }): ReactNode {
  const { totals, now, from } = dashboard;
  const ended = totals.succeeded + totals.failed;
  const within = `in the last ${span.words}`;
  const runs = (status: RunStatus): string => runsPath({ statuses: [status], from });
  const open = (status: RunStatus): string => runsPath({ statuses: [status] });
  return (
    <section className={classes['figures']} aria-label="Figures">
      <Figure name="Succeeded" value={count(totals.succeeded)} note={within} to={runs('succeeded')} />
      <Figure
        name="Failed"
        value={count(totals.failed)}
        note={within}
        to={runs('failed')}
        tone={totals.failed > 0 ? 'bad' : ''}
      />
      <Figure
        name="Success rate"
        value={ended === 0 ? '–' : rateWords(totals.succeeded / ended)}
        note={ended === 0 ? 'no run has ended' : `of ${count(ended)} that ended`}
        to={runsPath({ from })}
      />
      <Figure name="Running" value={count(now.running)} note="at the moment" to={open('running')} />
      <Figure name="Waiting" value={count(now.waiting)} note="for a time or a call" to={open('waiting')} />
      <Figure name="Queued" value={count(now.queued)} note="wait to begin" to={open('queued')} />
    </section>
  );
}

interface FigureProps {
  name: string;
  value: string;
  note: string;
  to: string;
  tone?: string;
}

function Figure({ name, value, note, to, tone = '' }: FigureProps): ReactNode {
  return (
    <Paper component={Link} to={to} withBorder radius="md" p="sm" className={classes['figure'] ?? ''}>
      <Text size="sm" c="dimmed">
        {name}
      </Text>
      <div className={classes['value']} data-tone={tone}>
        {value}
      </div>
      <Text size="xs" c="dimmed">
        {note}
      </Text>
    </Paper>
  );
}

function count(value: number): string {
  return value.toLocaleString('en');
}
