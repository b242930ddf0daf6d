import { serveAnswers, type Answered, type Received } from './answering-server.ts';

type Fields = Record<string, unknown>;

/** An execution as the public solution keeps it. */
export interface KeptExecution extends Fields {
  readonly executionId: string;
  readonly planId: string;
  readonly initiatedBy: string;
  status: string;
}

/** What the next request to a `METHOD /path` (ids are `{id}`) meets. `tookEffect`: the answer comes too late or not at all. */
export interface Mishap {
  readonly at: string;
  readonly answer: Answered;
  readonly tookEffect?: boolean;
}

export interface FakeOrchestrator {
  readonly url: string;
  readonly kept: KeptExecution[];
  readonly received: Received[];
  readonly mishaps: Mishap[];
  /** Of `GET …/recovery-instances`. */
  instances: Fields[];
  /** Called before an execution is shown, with how often it was before: lets it go on. */
  onRead: (execution: KeptExecution, reads: number) => void;
}

/** Small, so that a list has pages. */
const PAGE = 2;

/**
 * A server that answers as the handlers of the public solution do (in the middle of 2026): 202 to a start, lists by pages in no order
 * with a token that is JSON, 400 with `EXECUTION_NOT_CANCELLABLE`. `pascal`: field names as in early 2026.
 */
export async function fakeOrchestrator({ pascal = false } = {}): Promise<FakeOrchestrator> {
  const fake: Omit<FakeOrchestrator, 'url'> & { url: string } = {
    url: '',
    kept: [],
    received: [],
    mishaps: [],
    instances: [],
    onRead: () => {},
  };
  fake.url = await serveAnswers((received) => {
    fake.received.push(received);
    const route = `${received.method} ${received.path.replace(/(executions|plans)\/[^/]+/, '$1/{id}')}`;
    const index = fake.mishaps.findIndex(({ at }) => at === route);
    const [mishap] = index < 0 ? [] : fake.mishaps.splice(index, 1);
    if (mishap !== undefined && mishap.tookEffect !== true) return mishap.answer;
    const answer = answerTo(fake, route, received);
    return mishap?.answer ?? (pascal ? inPascalCase(answer) : answer);
  });
  return fake;
}

function answerTo(
  fake: Omit<FakeOrchestrator, 'url'>,
  route: string,
  { path, query, body }: Received,
): Answered {
  const id = path.split('/')[2] ?? '';
  const execution = fake.kept.find(({ executionId }) => executionId === id);
  switch (route) {
    case 'GET /recovery-plans/{id}':
      return id === 'plan-1' ? { status: 200, body: { planId: id, waves: [] } } : notFound();
    case 'POST /executions':
      return start(fake, body as Fields);
    case 'GET /executions':
      return list(fake, query);
    case 'GET /executions/{id}':
      if (execution === undefined) return notFound();
      fake.onRead(execution, fake.received.filter((one) => one.path === path).length - 1);
      return { status: 200, body: execution };
    case 'GET /executions/{id}/recovery-instances':
      return {
        status: 200,
        body: { executionId: id, instances: fake.instances, totalInstances: fake.instances.length },
      };
    case 'POST /executions/{id}/cancel':
      if (execution === undefined) return notFound();
      if (/COMPLETED|FAILED|CANCELLED/.test(execution.status))
        return {
          status: 400,
          body: { error: 'EXECUTION_NOT_CANCELLABLE', message: `status is ${execution.status}` },
        };
      execution.status = 'CANCELLING';
      return { status: 200, body: { executionId: id, status: 'CANCELLING' } };
    case 'POST /executions/{id}/terminate-instances':
      fake.instances = fake.instances.map((one) => ({ ...one, status: 'terminated' }));
      return { status: 200, body: { executionId: id, jobs: [] } };
    default:
      return notFound();
  }
}

function start(
  { kept }: Pick<FakeOrchestrator, 'kept'>,
  { planId, executionType, initiatedBy }: Fields,
): Answered {
  if (planId !== 'plan-1') return notFound();
  const executionId = `there-${kept.length + 1}`;
  kept.push({
    executionId,
    planId,
    executionType,
    initiatedBy: initiatedBy as string,
    status: 'PENDING',
    startTime: 1_780_000_000,
    waves: [],
    totalWaves: 1,
  });
  const message = 'Execution started - check status with GET /executions/{id}';
  return {
    status: 202,
    body: { executionId, status: 'PENDING', message, statusUrl: `/executions/${executionId}` },
  };
}

function list({ kept }: Pick<FakeOrchestrator, 'kept'>, { nextToken }: Received['query']): Answered {
  const from = nextToken === undefined ? 0 : (JSON.parse(nextToken) as { at: number }).at;
  // Its locks lie in the same table, without most fields.
  const rows = [{ executionId: 'execution-lock-plan-1', planId: 'plan-1', status: 'LOCK' }, ...kept];
  const items = rows.slice(from, from + PAGE);
  const more = from + PAGE < rows.length;
  return {
    status: 200,
    body: { items, count: items.length, nextToken: more ? JSON.stringify({ at: from + PAGE }) : null },
  };
}

function notFound(): Answered {
  return { status: 404, body: { error: 'NOT_FOUND', message: 'there is no such thing' } };
}

function inPascalCase(answer: Answered): Answered {
  return answer === 'hang up' ? answer : { ...answer, body: renamed(answer.body) };
}

function renamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renamed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [`${key[0]!.toUpperCase()}${key.slice(1)}`, renamed(inner)]),
  );
}
