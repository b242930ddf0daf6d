import type { Json } from '#core/json.ts';
import { performDirectly, type DirectAlias } from './direct.ts';
import { functionOf, onceReady } from './function.ts';
import { openLambdaApi, type LambdaApi } from './open-api.ts';

const BREAK_GLASS: DirectAlias = { name: 'break-glass', role: 'Admin' };
const TRIGGER: DirectAlias = {
  name: 'trigger',
  role: 'Operator',
  only: ['startExecution', 'getExecution', 'fireTrigger'],
};

const directly =
  (alias: DirectAlias) =>
  async (api: LambdaApi, event: Json): Promise<Json> => {
    try {
      return { ...(await performDirectly(api, alias, event)) };
    } finally {
      // Lambda may stop the process once it has answered.
      await api.platform.audit.settled();
    }
  };

/** The REST API, by the alias that it is invoked by. */
export const handler = functionOf(
  { 'break-glass': directly(BREAK_GLASS), trigger: directly(TRIGGER) },
  onceReady(() => openLambdaApi(process.env)),
);
