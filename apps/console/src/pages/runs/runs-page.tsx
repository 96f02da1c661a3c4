import { Button } from '@mantine/core';
import { IconActivity, IconFilterOff } from '@tabler/icons-react';
import { useCallback, useEffect, useMemo, useState, type ReactNode } from 'react';
import { Link, useSearchParams } from 'react-router';
import { EmptyState } from '../../ui/empty-state.js';
import { LoadingRows } from '../../ui/loading.js';
import { NothingFits } from '../../ui/nothing-fits.js';
import { PageHeader } from '../../ui/page-header.js';
import { ProblemAlert } from '../../ui/problem-alert.js';
import { HelpLink } from '../help/help-link.js';
import { BulkBar } from './bulk-bar.js';
import { JobProgress } from './job-progress.js';
import { RequestFate } from './request-fate.js';
import { RunFilterBar } from './run-filter-bar.js';
import { idIn, isFiltered, jobFilter, readRunFilter, writeRunFilter, type RunFilter } from './run-filter.js';
import type { RunLine } from './run-lines.js';
import { RunsTable } from './runs-table.js';
import { useRunCount } from './use-run-count.js';
import { useRunList } from './use-run-list.js';

/** All runs, newest first. What they are filtered by stands in the address. */
export function RunsPage(): ReactNode {
  const [search, setSearch] = useSearchParams();
  const filter = useMemo(() => readRunFilter(search), [search]);
  const jobId = search.get('job') ?? undefined;
  const setFilter = (next: RunFilter): void => {
    // One step back leaves the list, however often its filter was changed.
    setSearch(writeRunFilter(next, search), { replace: true, preventScrollReset: true });
  };
  const setJob = (id: string | undefined): void => {
    setSearch(
      (present) => {
        const next = new URLSearchParams(present);
        if (id === undefined) next.delete('job');
        else next.set('job', id);
        return next;
      },
      { replace: true, preventScrollReset: true },
    );
  };
  const wanted = filter.q === undefined ? undefined : idIn(filter.q);
  return (
    <>
      <PageHeader
        title="Runs"
        description={
          <>
            Every call that a webhook URL has accepted becomes a run.{' '}
            <HelpLink topic="runs">How a run goes on</HelpLink>
          </>
        }
      />
      <RunFilterBar filter={filter} onChange={setFilter} />
      {jobId !== undefined && <JobProgress jobId={jobId} onClose={() => setJob(undefined)} />}
      {wanted === undefined ? (
        <Runs filter={filter} onJob={setJob} onShowAll={() => setFilter({ statuses: [] })} />
      ) : (
        <RequestFate requestId={wanted} />
      )}
    </>
  );
}

interface RunsProps {
  filter: RunFilter;
  onJob: (jobId: string) => void;
  onShowAll: () => void;
}

const none: ReadonlySet<string> = new Set();

function Runs({ filter, onJob, onShowAll }: RunsProps): ReactNode {
  const [openInSight, setOpenInSight] = useState<readonly RunLine[]>([]);
  const [selected, setSelected] = useState(none);
  const list = useRunList(filter, openInSight);
  const noteOpen = useCallback((open: readonly RunLine[]) => {
    // Scrolling mostly leads from none to none: nothing is to be drawn for that.
    setOpenInSight((before) => (isSameRuns(before, open) ? before : open));
  }, []);
  const select = useCallback((ids: readonly string[], on: boolean) => {
    setSelected((before) => {
      const after = new Set(before);
      for (const id of ids) {
        if (on) after.add(id);
        else after.delete(id);
      }
      return after;
    });
  }, []);
  const chosen = useMemo(
    () => (selected.size === 0 ? [] : list.lines.filter(({ id }) => selected.has(id))),
    [list.lines, selected],
  );
  const everything = jobFilter(filter);
  const count = useRunCount(filter, everything !== undefined && chosen.length > 0);
  if (list.isPending) return <LoadingRows count={8} label="Loading the runs" />;
  if (list.error) return <ProblemAlert error={list.error} onRetry={list.retry} />;
  if (list.lines.length === 0 && list.freshCount === 0) {
    if (list.hasMore) return <Searching list={list} />;
    if (!isFiltered(filter)) return <NoRuns />;
    return (
      <NothingFits
        title="No run matches the filter"
        icon={<IconFilterOff size={28} />}
        showAll="Show all runs"
        onShowAll={onShowAll}
      >
        Choose another status or time, or search for another text.
      </NothingFits>
    );
  }
  return (
    <>
      <RunsTable
        list={list}
        selected={selected}
        onSelect={select}
        onOpenInSight={noteOpen}
        placeKey={writeRunFilter(filter).toString()}
      />
      {chosen.length > 0 && (
        // Another list has another "all".
        <BulkBar
          key={writeRunFilter(filter).toString()}
          selected={chosen}
          everything={everything}
          everythingCount={count}
          onJob={onJob}
          onClear={() => setSelected(none)}
        />
      )}
    </>
  );
}

function isSameRuns(one: readonly RunLine[], other: readonly RunLine[]): boolean {
  return one.length === other.length && one.every(({ id }, at) => id === other[at]?.id);
}

function Searching({ list }: { list: ReturnType<typeof useRunList> }): ReactNode {
  const { goesOn, isLoadingMore, loadMore } = list;
  useEffect(() => {
    if (goesOn && !isLoadingMore) loadMore();
  }, [goesOn, isLoadingMore, loadMore]);
  if (goesOn) return <LoadingRows count={3} label="Nothing found so far; searching older runs" />;
  return (
    <>
      <ProblemAlert error={list.moreError} />
      <EmptyState
        title="Nothing found so far"
        action={
          <Button loading={isLoadingMore} onClick={loadMore}>
            Search older runs
          </Button>
        }
      >
        Many of the newest runs were searched; there are older ones.
      </EmptyState>
    </>
  );
}

function NoRuns(): ReactNode {
  return (
    <EmptyState
      title="No runs yet"
      icon={<IconActivity size={28} />}
      action={
        <Button component={Link} to="/flows">
          To the flows
        </Button>
      }
    >
      Start a flow and call its webhook URL: its runs appear here by themselves.
    </EmptyState>
  );
}
