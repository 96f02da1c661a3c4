import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ComponentDescriptor } from '@millrace/contracts';

/** What a component last announced of itself. The catalogue is the same for every workspace. */
@Entity({ name: 'component' })
export class ComponentEntity {
  @PrimaryColumn({ name: 'name', type: 'text' })
  name!: string;

  @Column({ name: 'version', type: 'text' })
  version!: string;

  @Column({ name: 'descriptor', type: 'json' })
  descriptor!: ComponentDescriptor;

  @Column({ name: 'first_seen_at', type: 'timestamptz', insert: false, update: false })
  firstSeenAt!: Date;

  @Column({ name: 'last_seen_at', type: 'timestamptz', insert: false, update: false })
  lastSeenAt!: Date;
}
