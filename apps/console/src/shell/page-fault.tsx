import { Button, Group } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useNavigate, useRouteError } from 'react-router';
import { PageHeader } from '../ui/page-header.js';
import { ProblemAlert } from '../ui/problem-alert.js';

/** Stands in for a page that failed; the rest of the console goes on. */
export function PageFault(): ReactNode {
  const error = useRouteError();
  const navigate = useNavigate();
  const outdated = isMissingChunk(error);
  useEffect(() => {
    // A newer console was put in place of the one that this page is of: its chunks have gone.
    if (outdated && markReload()) globalThis.location.reload();
  }, [outdated]);
  return (
    <>
      <PageHeader title="This page has run into a fault" />
      <ProblemAlert error={error} />
      <Group mt="md">
        <Button onClick={() => globalThis.location.reload()}>Load the page again</Button>
        <Button variant="default" onClick={() => void navigate('/')}>
          To the dashboard
        </Button>
      </Group>
    </>
  );
}

function isMissingChunk(error: unknown): boolean {
  return error instanceof TypeError && /dynamically imported module|module script failed/i.test(error.message);
}

const reloadKey = 'millrace-reloaded-at';
const reloadEveryMs = 30_000;

/** Whether the page has not just been loaded again for the same reason. */
function markReload(): boolean {
  const last = Number(sessionStorage.getItem(reloadKey) ?? 0);
  if (Date.now() - last < reloadEveryMs) return false;
  sessionStorage.setItem(reloadKey, String(Date.now()));
  return true;
}
