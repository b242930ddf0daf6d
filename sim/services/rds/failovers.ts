import type { Scoped, FailoverBehaviour, FailoverRow } from './rows.ts';
import { failovers } from './rows.ts';

/**
 * Records an accepted failover and decides how it will end. A behaviour with `failTimes` goes wrong that often for its
 * resource, then succeeds.
 */
export function acceptFailover(
  scope: Scoped & { readonly now: number },
  request: Pick<FailoverRow, 'kind' | 'resource' | 'from' | 'to'>,
  { behaviour, drawSeconds }: { behaviour: FailoverBehaviour; drawSeconds: (id: string) => number },
): FailoverRow {
  const id = scope.world.newId('failover-');
  const earlier = failovers(scope)
    .all()
    .filter((row) => row.resource === request.resource && row.outcome !== 'succeed').length;
  const goesWrong = behaviour.failTimes === null || earlier < behaviour.failTimes;
  const row: FailoverRow = {
    ...request,
    id,
    outcome: goesWrong ? behaviour.failover : 'succeed',
    startedAt: scope.now,
    seconds: behaviour.failoverSeconds ?? drawSeconds(id),
  };
  failovers(scope).put(id, row);
  return row;
}
