import { pathWithin } from './path-within.js';

/**
 * Query for the versions by which a call of a resume URL is judged: those of the step runs that it would resume, which may
 * have gone on with another one than the URL was made in. Where none is open any more, those of the ones that have ended; no
 * row where there is none yet. Its parameters are run, step and path.
 */
export const resumeVersions = `
select version_id from (
  select version_id, open, bool_or(open) over () as any_open
  from (
    select s.version_id, bool_or(s.status in ('running', 'waiting')) as open from step_run s
    where s.run_id = $1 and s.step_id = $2 and ${pathWithin('s.path', '$3::text')}
    group by s.version_id
  ) v
) f
where open or not any_open`;
