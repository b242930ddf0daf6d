import { apiFunction } from './api-function.ts';
import { openLambdaApi } from './open-api.ts';

/** The REST API. API Gateway, SSM Automation, EventBridge and people invoke it, each by an alias. */
export const handler = apiFunction(() => openLambdaApi(process.env));
