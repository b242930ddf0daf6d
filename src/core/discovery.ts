import type { TechnologyType } from './tags.ts';

/** The specification's "Discovery Query Schema". */
export interface DiscoveryQuery {
  readonly discoveryQuery: {
    /** All must match. */
    readonly tags: Readonly<Record<string, string>>;
    /** Omitted: all. */
    readonly technologies?: readonly TechnologyType[];
  };
  readonly accountId?: string;
  readonly region?: string;
}

/** The query with its answer: ids grouped by technology, and what a plan can be made of. */
export interface DiscoveryAnswer {
  readonly discoveryQuery: DiscoveryQuery['discoveryQuery'];
  readonly discoveredResources: Readonly<Partial<Record<TechnologyType, readonly string[]>>>;
  readonly details: readonly DiscoveredResource[];
  /** What was found and cannot be used as it is, in words. */
  readonly warnings: readonly string[];
}

export interface DiscoveredResource {
  readonly resourceId: string;
  readonly technology: TechnologyType;
  readonly kind: string;
  readonly arn?: string;
  readonly tags: Readonly<Record<string, string>>;
}
