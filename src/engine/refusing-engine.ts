import type { Engine } from './port.ts';

/** An engine where there is none: every call is refused. */
export function refusingEngine(refuse: () => never): Engine {
  const refused = async (): Promise<never> => refuse();
  return {
    start: refused,
    completeTask: refused,
    failTask: refused,
    heartbeat: refused,
    stop: refused,
    describe: refused,
    history: refused,
  };
}
