import { VisuallyHidden } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { FieldChange } from '../../api/schema.generated.js';
import classes from './change-list.module.css';
import { changeText } from './change-text.js';

/** What an act has changed, field by field. */
export function ChangeList({ changes }: { changes: readonly FieldChange[] }): ReactNode {
  if (changes.length === 0) return null;
  return (
    <dl className={classes['list']}>
      {changes.map((change, index) => (
        <div key={`${change.field} ${index}`} className={classes['change']}>
          <dt>{change.field}</dt>
          <dd>
            <Values {...change} />
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Values({ before, after }: FieldChange): ReactNode {
  const old = changeText(before);
  const now = changeText(after);
  if (old === undefined && now === undefined) return <span className={classes['secret']}>changed, not shown</span>;
  return (
    <>
      {old !== undefined && (
        <>
          <VisuallyHidden>before: </VisuallyHidden>
          <bdi className={classes['before']}>{old}</bdi>
          <IconArrowRight size={14} aria-hidden="true" className={classes['arrow']} />
          <VisuallyHidden>after: </VisuallyHidden>
        </>
      )}
      {now === undefined ? (
        <span className={classes['secret']}>nothing</span>
      ) : (
        <bdi className={classes['after']}>{now}</bdi>
      )}
    </>
  );
}
