import { jobsFunction } from './jobs-function.ts';
import { openLambdaPlatform } from './platform.ts';

/** What a server does by itself. EventBridge invokes it every minute, and with events of DRS. */
export const handler = jobsFunction(() => openLambdaPlatform(process.env));
