import type { Json } from '#core/json.ts';
import { performDirectly, type DirectAlias } from './direct.ts';
import { functionOf, once } from './function.ts';
import { answerGateway } from './gateway.ts';
import type { LambdaApi } from './open-api.ts';

const BREAK_GLASS: DirectAlias = { name: 'break-glass', role: 'Admin' };
const TRIGGER: DirectAlias = {
  name: 'trigger',
  // A disaster asks for a recovery, which an Operator may not start.
  role: 'RecoveryManager',
  only: ['startExecution', 'getExecution', 'fireTrigger'],
};

type Answer = (api: LambdaApi, event: Json) => Promise<object>;

const directly =
  (alias: DirectAlias): Answer =>
  (api, event) =>
    performDirectly(api, alias, event);

/** Whatever the answer has set going is done before it is handed over. */
const settled =
  (answer: Answer) =>
  async (api: LambdaApi, event: Json): Promise<Json> => {
    try {
      return { ...(await answer(api, event)) };
    } finally {
      await api.settled();
    }
  };

/** The REST API, by the alias that it is invoked by. */
export function apiFunction(open: () => Promise<LambdaApi>): ReturnType<typeof functionOf> {
  return functionOf(
    {
      gateway: settled(answerGateway),
      'break-glass': settled(directly(BREAK_GLASS)),
      trigger: settled(directly(TRIGGER)),
    },
    once(open),
  );
}
