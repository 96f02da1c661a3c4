import {
  IconActivity,
  IconAdjustments,
  IconAlertTriangle,
  IconApi,
  IconBan,
  IconGauge,
  IconHistory,
  IconKey,
  IconParking,
  IconPuzzle,
  IconRoute,
  IconUsers,
  type Icon,
} from '@tabler/icons-react';

export interface NavigationItem {
  label: string;
  to: string;
  icon: Icon;
}

/** What everyone can open, in the order of the navigation. */
export const memberItems: readonly NavigationItem[] = [
  { label: 'Dashboard', to: '/', icon: IconGauge },
  { label: 'Flows', to: '/flows', icon: IconRoute },
  { label: 'Runs', to: '/runs', icon: IconActivity },
  { label: 'Incidents', to: '/incidents', icon: IconAlertTriangle },
  { label: 'Rejections', to: '/rejections', icon: IconBan },
  { label: 'Credentials', to: '/credentials', icon: IconKey },
  { label: 'Components', to: '/components', icon: IconPuzzle },
];

/** What only administrators can open. */
export const administratorItems: readonly NavigationItem[] = [
  { label: 'API tokens', to: '/api-tokens', icon: IconApi },
  { label: 'Users', to: '/users', icon: IconUsers },
  { label: 'Audit', to: '/audit', icon: IconHistory },
  { label: 'Parked', to: '/parked', icon: IconParking },
  { label: 'Workspace', to: '/workspace', icon: IconAdjustments },
];
