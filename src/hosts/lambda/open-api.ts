import { apiOf, type Api } from '../api-of.ts';
import { askStsOf } from '../ask-sts.ts';
import { insideOf, type AskInside } from './inside.ts';
import { openLambdaPlatform, type LambdaPlatform } from './platform.ts';
import { openPorts, type Environment, type Ports } from './ports.ts';

/** The REST API in a function of Lambda. Nothing runs by itself: schedules, notifications and whatever was left undone are not its work. */
export interface LambdaApi extends Pick<Api, 'routes' | 'denials'> {
  readonly platform: LambdaPlatform;
  readonly ask: AskInside;
}

/** Opens it by the environment of the function; `ports` take the place of what that names. */
export async function openLambdaApi(
  environment: Environment,
  ports: Ports = openPorts(environment),
): Promise<LambdaApi> {
  const platform = await openLambdaPlatform(environment, ports);
  const api = apiOf({ platform, askSts: askStsOf(platform.place, fetch), fetch });
  return { ...api, platform, ask: await insideOf(api) };
}
