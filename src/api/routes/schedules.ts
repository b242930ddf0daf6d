import { Schedule, type Schedules } from '#control/triggers/schedules.ts';
import type { AnyRoute } from '../route.ts';
import { ScheduleShape } from '../shapes/schedules.ts';
import { documentRoutes } from './document-routes.ts';

/** Drills that start by the clock. */
export function schedulesRoutes(schedules: Schedules): AnyRoute[] {
  return documentRoutes({
    documents: schedules,
    tag: 'Schedules',
    path: '/schedules',
    idName: 'scheduleId',
    plural: 'schedules',
    name: 'Schedule',
    noun: 'schedule',
    read: 'schedule:read',
    write: 'schedule:write',
    body: Schedule,
    shape: ScheduleShape,
  });
}
