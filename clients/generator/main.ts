// npm run client
import { writeFileSync } from 'node:fs';
import { CLIENT_FILE, clientText } from './client-text.ts';
import { describeServer } from './describe-server.ts';

writeFileSync(CLIENT_FILE, await clientText(await describeServer()));
