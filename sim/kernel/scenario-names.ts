import { z } from 'zod';
import type { ServiceDefinition } from './contract.ts';
import { FaultRule } from './faults.ts';
import { ServiceLimitsSchema } from './rate-limits.ts';

/** Schemas of the places in a scenario that name services and operations: only what is simulated may be named. */
export function namingSchemas(services: readonly ServiceDefinition[]) {
  const names = services.map(({ name }) => name).sort();
  const knownServices = `expected one of ${names.join(', ')}`;
  const operationsOf = (service: string | undefined): Set<string> =>
    new Set(
      services
        .filter(({ name }) => service === undefined || name === service)
        .flatMap(({ operations }) => Object.keys(operations)),
    );

  const denied = z.string().refine((text) => {
    const [service = '', operation = ''] = text.split(':');
    return names.includes(service) && (operation === '*' || operationsOf(service).has(operation));
  }, 'expected service:Operation or service:*, with an operation that is simulated');

  const fault = FaultRule.superRefine(({ service, operation }, context) => {
    if (service !== undefined && !names.includes(service)) {
      context.issues.push({ code: 'custom', path: ['service'], message: knownServices, input: service });
    } else if (operation !== undefined && !operationsOf(service).has(operation)) {
      const message = `expected an operation that ${service ?? 'a service'} simulates`;
      context.issues.push({ code: 'custom', path: ['operation'], message, input: operation });
    }
  });

  const service = z.string().refine((name) => names.includes(name), knownServices);
  return { denies: z.array(denied).default([]), fault, rateLimits: z.record(service, ServiceLimitsSchema) };
}
