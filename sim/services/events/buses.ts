import type {
  DescribeEventBusCommandInput,
  EventBus,
  ListEventBusesCommandInput,
} from '@aws-sdk/client-eventbridge';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { cutPage } from '#sim/services/paging.ts';
import { allBuses, findBus, type BusRow } from './rows.ts';

const PAGE_SIZE = 100;

/** Without a name, the bus `default`: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_DescribeEventBus.html. */
export function describeEventBus(call: Call, { Name }: DescribeEventBusCommandInput): EventBus {
  const bus = findBus(call, Name);
  if (bus === undefined) {
    throw new ServiceError('ResourceNotFoundException', `Event bus ${Name} does not exist.`);
  }
  return viewOf(bus);
}

export function listEventBuses(call: Call, input: ListEventBusesCommandInput) {
  const { NamePrefix = '', NextToken, Limit = PAGE_SIZE } = input;
  const found = allBuses(call).filter(({ name }) => name.startsWith(NamePrefix));
  const cut = cutPage(found, { token: NextToken, size: Math.min(Math.max(Limit, 1), PAGE_SIZE) });
  if (cut === null) {
    throw new ServiceError('ValidationException', 'The value of NextToken is not valid.', {
      httpStatus: 400,
    });
  }
  return { EventBuses: cut.items.map(viewOf), NextToken: cut.next };
}

function viewOf({ name, arn }: BusRow): EventBus {
  return { Name: name, Arn: arn };
}
