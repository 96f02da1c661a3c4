import { Alert, Anchor, CloseButton, Group, List, Stack, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { ApiProblem, asApiProblem } from '../../api/api-problem.js';
import { api, unwrap } from '../../api/client.js';
import type { ImportedFlow, ImportFlow } from '../../api/schema.generated.js';
import { NameText } from '../../ui/name-text.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { shortName } from '../../ui/short-name.js';
import { refresh } from './use-flows.js';

const maxFileBytes = 5 * 1024 * 1024;
const unreadableCode = 'file_unreadable';

/** A file that was chosen or dropped, and what became of it so far. */
interface Import {
  id: number;
  file: File;
  imported?: ImportedFlow;
  error?: unknown;
}

/** Makes flows of files, one after the other, and says of each what it lacks or why it was refused. */
export function useImportFlow(): { read: (files: readonly File[]) => void; isPending: boolean; outcome: ReactNode } {
  const client = useQueryClient();
  const lastId = useRef(0);
  const [imports, setImports] = useState<readonly Import[]>([]);
  const { mutateAsync, isPending } = useMutation({
    mutationFn: async (file: File) => unwrap(api.POST('/v1/flows/import', { body: await documentIn(file) })),
    onSettled: () => refresh(client),
  });
  const begin = async (begun: readonly Import[]): Promise<void> => {
    for (const each of begun) {
      const done = await mutateAsync(each.file).then(
        (imported): Import => ({ id: each.id, file: each.file, imported }),
        (error: unknown): Import => ({ id: each.id, file: each.file, error }),
      );
      setImports((before) => before.map((one) => (one.id === done.id ? done : one)));
    }
  };
  const retry = ({ id, file }: Import): void => {
    // It is under way: what it came to before has gone, and with it the button that begins it.
    setImports((before) => before.map((one) => (one.id === id ? { id, file } : one)));
    void begin([{ id, file }]);
  };
  return {
    read: (files) => {
      const begun = files.map((file): Import => ({ id: (lastId.current += 1), file }));
      // What was refused before stays: it can be tried again.
      setImports((before) => [...before.filter(({ imported }) => imported === undefined), ...begun]);
      void begin(begun);
    },
    isPending,
    outcome: (
      <Stack gap="sm" mb={imports.some(isOver) ? 'md' : 0} aria-live="polite">
        {imports.filter(isOver).map((each) => (
          <Outcome
            key={each.id}
            {...each}
            onRetry={() => retry(each)}
            onClose={() => setImports((before) => before.filter(({ id }) => id !== each.id))}
          />
        ))}
      </Stack>
    ),
  };
}

function isOver({ imported, error }: Import): boolean {
  return imported !== undefined || error !== undefined;
}

function Outcome({
  file,
  imported,
  error,
  onRetry,
  onClose,
}: Import & { onRetry: () => void; onClose: () => void }): ReactNode {
  if (imported) return <Imported {...imported} onClose={onClose} />;
  return (
    <section aria-label={`Import of ${file.name}`}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Text size="sm" fw={600} component="div" miw={0}>
          <NameText>{file.name}</NameText>
        </Text>
        <CloseButton size="sm" aria-label={`Forget ${file.name}`} onClick={onClose} />
      </Group>
      {/* What is no flow stays none. */}
      <ProblemAlert error={error} onRetry={asApiProblem(error).code === unreadableCode ? undefined : onRetry} />
    </section>
  );
}

function Imported({ flow, missingCredentials, onClose }: ImportedFlow & { onClose: () => void }): ReactNode {
  return (
    <Alert
      color={missingCredentials.length > 0 ? 'yellow' : 'green'}
      icon={<IconInfoCircle aria-hidden="true" />}
      title={`${shortName(flow.name)} is imported as a draft`}
      withCloseButton
      closeButtonLabel="Close"
      onClose={onClose}
    >
      <Anchor component={Link} to={`/flows/${flow.id}`} inherit>
        Open it
      </Anchor>
      {missingCredentials.length > 0 && (
        <>
          <Text size="sm" mt="xs">
            Choose credentials for these steps before you publish:
          </Text>
          <List size="sm">
            {missingCredentials.map(({ stepId, component, name, reason }) => (
              <List.Item key={stepId}>
                {stepId} ({component}):{' '}
                {reason === 'several'
                  ? `several credentials are called ${shortName(name)}`
                  : `there is none called ${shortName(name)}`}
              </List.Item>
            ))}
          </List>
        </>
      )}
    </Alert>
  );
}

/** The document in a file; what is wrong with it otherwise is said before anything is sent. */
async function documentIn(file: File): Promise<ImportFlow> {
  if (file.size > maxFileBytes) throw unreadable('It is larger than any flow.');
  const text = await file.text().catch(() => {
    throw unreadable('The browser cannot read it (any more): choose it again.');
  });
  try {
    return JSON.parse(text) as ImportFlow;
  } catch (cause) {
    throw unreadable(`It is not JSON: ${cause instanceof Error ? cause.message : ''}`);
  }
}

function unreadable(detail: string): ApiProblem {
  return new ApiProblem({ code: unreadableCode, title: 'The file is not a flow', status: 422, detail });
}
