import type { DescribeInstanceInformationCommandInput, InstanceInformation } from '@aws-sdk/client-ssm';
import { ServiceError, type Call } from '#sim/kernel/contract.ts';
import { listNodes } from './nodes.ts';
import { page } from './pages.ts';
import type { NodeRow } from './rows.ts';

/** Registered nodes that match every filter. An id that is not registered is no error. */
export function describeInstanceInformation(call: Call, input: DescribeInstanceInformationCommandInput) {
  const filters = [
    ...(input.Filters ?? []).map(({ Key = '', Values = [] }) => ({ key: Key, values: Values })),
    ...(input.InstanceInformationFilterList ?? []).map(({ key = '', valueSet = [] }) => ({
      key,
      values: valueSet,
    })),
  ];
  const matching = listNodes(call).filter((node) =>
    filters.every(({ key, values }) => valuesOf(node, key).some((value) => values.includes(value))),
  );
  const { items, next } = page(matching, input);
  return { InstanceInformationList: items.map((node) => nodeView(call, node)), NextToken: next };
}

function valuesOf(node: NodeRow, key: string): string[] {
  if (key.startsWith('tag:'))
    return Object.entries(node.tags).flatMap(([name, value]) => (key === `tag:${name}` ? value : []));
  switch (key) {
    case 'InstanceIds':
      return [node.id];
    case 'PingStatus':
      return [node.ping];
    case 'PlatformTypes':
      return [node.platform];
    case 'ResourceType':
      return [resourceType(node)];
    case 'tag-key':
      return Object.keys(node.tags);
    default:
      throw new ServiceError('InvalidInstanceInformationFilterValue', `The filter key ${key} is not valid.`);
  }
}

function nodeView(call: Call, node: NodeRow): InstanceInformation {
  return {
    InstanceId: node.id,
    PingStatus: node.ping,
    LastPingDateTime: new Date(node.ping === 'Online' ? call.now : node.registeredAt),
    AgentVersion: '3.3.987.0',
    IsLatestVersion: true,
    PlatformType: node.platform,
    PlatformName: node.platform === 'Windows' ? 'Microsoft Windows Server 2022 Datacenter' : 'Amazon Linux',
    PlatformVersion: node.platform === 'Windows' ? '10.0.20348' : '2023',
    ResourceType: resourceType(node),
    RegistrationDate: resourceType(node) === 'ManagedInstance' ? new Date(node.registeredAt) : undefined,
    IPAddress: node.ipAddress,
    ComputerName: node.name,
    AssociationStatus: 'Success',
  };
}

function resourceType(node: NodeRow): 'EC2Instance' | 'ManagedInstance' {
  return node.id.startsWith('mi-') ? 'ManagedInstance' : 'EC2Instance';
}
