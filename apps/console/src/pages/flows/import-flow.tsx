import { Alert, Anchor, List, Text } from '@mantine/core';
import { IconInfoCircle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Link } from 'react-router';
import { ApiProblem } from '../../api/api-problem.js';
import { api, unwrap } from '../../api/client.js';
import type { ImportedFlow, ImportFlow } from '../../api/schema.generated.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { shortName } from '../../ui/short-name.js';
import classes from './flows.module.css';
import { refresh } from './use-flows.js';

const maxFileBytes = 5 * 1024 * 1024;

/** Makes flows of files, and says what they lack. */
export function useImportFlow(): { read: (file: File) => void; isPending: boolean; outcome: ReactNode } {
  const client = useQueryClient();
  const [closed, setClosed] = useState(false);
  const { mutate, isPending, data, error, variables } = useMutation({
    mutationFn: async (file: File) => unwrap(api.POST('/v1/flows/import', { body: await documentIn(file) })),
    onSettled: () => refresh(client),
  });
  return {
    read: (file) => {
      setClosed(false);
      mutate(file);
    },
    isPending,
    outcome: closed ? null : (
      <div className={classes['outcome']} aria-live="polite">
        {error && <ProblemAlert error={error} onRetry={() => variables && mutate(variables)} />}
        {data && <Imported {...data} onClose={() => setClosed(true)} />}
      </div>
    ),
  };
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
      mb="md"
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
  try {
    return JSON.parse(await file.text()) as ImportFlow;
  } catch (cause) {
    throw unreadable(`It is not JSON: ${cause instanceof Error ? cause.message : ''}`);
  }
}

function unreadable(detail: string): ApiProblem {
  return new ApiProblem({ code: 'file_unreadable', title: 'The file is not a flow', status: 422, detail });
}

/** Takes files that are dropped anywhere on the page. */
export function ImportDrop({ onFile, children }: { onFile: (file: File) => void; children: ReactNode }): ReactNode {
  const [over, setOver] = useState(false);
  const take = useRef(onFile);
  useEffect(() => {
    take.current = onFile;
  });
  useEffect(() => {
    const holdsFile = (event: DragEvent): boolean => event.dataTransfer?.types.includes('Files') ?? false;
    const onOver = (event: DragEvent): void => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      setOver(true);
    };
    const onLeave = (event: DragEvent): void => {
      if (event.relatedTarget === null) setOver(false);
    };
    const onDrop = (event: DragEvent): void => {
      if (!holdsFile(event)) return;
      event.preventDefault();
      setOver(false);
      for (const file of event.dataTransfer?.files ?? []) take.current(file);
    };
    document.addEventListener('dragover', onOver);
    document.addEventListener('dragleave', onLeave);
    document.addEventListener('drop', onDrop);
    return () => {
      document.removeEventListener('dragover', onOver);
      document.removeEventListener('dragleave', onLeave);
      document.removeEventListener('drop', onDrop);
    };
  }, []);
  return (
    <div className={classes['drop']}>
      {children}
      {over && (
        <div className={classes['hint']} aria-hidden="true">
          Drop the file of a flow here to import it
        </div>
      )}
    </div>
  );
}
