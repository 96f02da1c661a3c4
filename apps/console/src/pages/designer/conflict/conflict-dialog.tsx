import { Button, Group, Stack, Text, Title } from '@mantine/core';
import { differenceOf, type FlowDraft } from '@millrace/flow-model';
import type { ReactNode } from 'react';
import { useCurrentSession } from '../../../api/session.js';
import type { Component } from '../../../api/schema.generated.js';
import { Dialog } from '../../../ui/dialog.js';
import { shortName } from '../../../ui/short-name.js';
import { When } from '../../../ui/when.js';
import { saverWords } from '../draft/saver-words.js';
import { useDraft } from '../draft/use-draft.js';
import { DifferenceView } from '../versions/difference-view.js';
import { titleIn } from '../steps/step-view.js';

/** Two people changed one draft: shows who changed what and lets one draft stay. It closes only by a choice. */
export function ConflictDialog({ components }: { components: ReadonlyMap<string, Component> }): ReactNode {
  const { conflict, draft, flow, resolve } = useDraft();
  const { user } = useCurrentSession();
  if (!conflict) return null;
  const { base, theirs } = conflict;
  const isOwn = theirs.savedBy?.id === user.id;
  const titleOf = (stepId: string): string =>
    titleIn([draft, theirs.draft, ...(base ? [base] : [])], stepId, components);
  const difference = (before: FlowDraft, after: FlowDraft): ReactNode => (
    <DifferenceView difference={differenceOf(before, after)} titleOf={titleOf} same="Nothing." />
  );
  return (
    <Dialog
      onClose={() => undefined}
      withCloseButton={false}
      closeOnEscape={false}
      closeOnClickOutside={false}
      size="lg"
      title={isOwn ? 'You changed this draft elsewhere' : 'Someone else changed this draft'}
    >
      <Stack>
        <Text size="sm" component="div">
          <strong>{saverWords(theirs, user.id)}</strong> saved the draft of {shortName(flow.name)}
          {isOwn && ' in another window'} (<When time={theirs.savedAt ?? flow.updatedAt} />) while you were changing it
          here. What you changed here is not saved yet. Whichever you take, “Undo” brings the other one back.
        </Text>
        {base ? (
          <>
            <section>
              <Title order={3} size="h5" mb={4}>
                {isOwn ? 'You changed there' : 'They changed'}
              </Title>
              {difference(base, theirs.draft)}
            </section>
            <section>
              <Title order={3} size="h5" mb={4}>
                {isOwn ? 'You changed here' : 'You changed'}
              </Title>
              {difference(base, draft)}
            </section>
          </>
        ) : (
          <section>
            <Title order={3} size="h5" mb={4}>
              {isOwn ? 'From there to here' : 'From theirs to yours'}
            </Title>
            {difference(theirs.draft, draft)}
          </section>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={() => resolve('theirs')}>
            {isOwn ? 'Take the other one' : 'Take theirs'}
          </Button>
          <Button variant="default" onClick={() => resolve('mine')}>
            {isOwn ? 'Keep this one' : 'Keep mine'}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
