import { Anchor, Group, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { PageHeader } from '../../ui/page-header.js';
import { useScrollToHash } from '../../ui/use-scroll-to-hash.js';
import { CallsHelp } from './calls-help.js';
import { ExpressionsHelp } from './expressions-help.js';
import { FlowsHelp } from './flows-help.js';
import classes from './help.module.css';
import { ProblemsHelp } from './problems-help.js';
import { RunsHelp } from './runs-help.js';
import { topics, type Topic } from './topics.js';
import { WordsHelp } from './words-help.js';

const contents: Readonly<Record<Topic, () => ReactNode>> = {
  words: WordsHelp,
  flows: FlowsHelp,
  calls: CallsHelp,
  expressions: ExpressionsHelp,
  runs: RunsHelp,
  problems: ProblemsHelp,
};

/** What one wants to look up while working with the console. Components are documented on pages of their own. */
export function HelpPage(): ReactNode {
  useScrollToHash();
  return (
    <>
      <PageHeader
        title="Help"
        description="How Millrace works, in short. What each component does and takes is on its own page under Components."
      />
      <Group component="nav" aria-label="On this page" gap="md" mb="xl">
        {topics.map(({ id, title }) => (
          <Anchor key={id} size="sm" href={`#${id}`}>
            {title}
          </Anchor>
        ))}
      </Group>
      <Stack gap="xl">
        {topics.map(({ id, title }) => {
          const Content = contents[id];
          return (
            <section key={id} id={id} aria-labelledby={`${id}-title`} className={classes['topic']}>
              <Title order={2} size="h3" id={`${id}-title`} mb="sm">
                {title}
              </Title>
              <Stack gap="sm">
                <Content />
              </Stack>
            </section>
          );
        })}
      </Stack>
    </>
  );
}
