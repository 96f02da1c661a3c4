import { Button, Group } from '@mantine/core';
import { useEffect, type ReactNode } from 'react';
import { useNavigate, useRouteError } from 'react-router';
import { ApiProblem } from '../api/api-problem.js';
import { PageHeader } from '../ui/page-header.js';
import { ProblemAlert } from '../ui/problem-alert.js';
import { loadFault } from './load-fault.js';

/** Stands in for a page that failed; the rest of the console goes on. */
export function PageFault(): ReactNode {
  const error = useRouteError();
  const navigate = useNavigate();
  const missing = loadFault(error);
  useEffect(() => {
    if (missing) void reloadOnce();
  }, [missing]);
  return (
    <>
      <PageHeader title={missing ? 'This page could not be loaded' : 'This page has run into a fault'} />
      <ProblemAlert error={missing ? notLoaded : error} />
      <Group mt="md">
        <Button onClick={() => globalThis.location.reload()}>Load the page again</Button>
        <Button variant="default" onClick={() => void navigate('/')}>
          To the dashboard
        </Button>
      </Group>
    </>
  );
}

const notLoaded = new ApiProblem({
  code: 'unreachable',
  title: 'Millrace cannot be reached',
  status: 0,
  detail: 'Either it is away for a moment, or your connection is. Try again soon.',
});

const reloadKey = 'millrace-reloaded-at';
const reloadEveryMs = 30_000;

/**
 * Loads the console anew when its server is there but no longer has the page's files, because a newer console has taken
 * the place of this one. Not when the server is away: the browser would show its own page, and all that is open were lost.
 */
async function reloadOnce(): Promise<void> {
  const last = Number(sessionStorage.getItem(reloadKey) ?? 0);
  if (Date.now() - last < reloadEveryMs) return;
  const there = await fetch('/health/live').then(
    ({ ok }) => ok,
    () => false,
  );
  if (!there) return;
  sessionStorage.setItem(reloadKey, String(Date.now()));
  globalThis.location.reload();
}
