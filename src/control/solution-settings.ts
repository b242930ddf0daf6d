import { z } from 'zod';
import { DOCUMENT_ID } from './document-id.ts';
import { urlProblem } from './outgoing-address.ts';

/**
 * How this server proves to a solution who it is. A token is never kept: it is read from a variable of the server's environment,
 * whose name begins so that settings cannot lead any other secret out.
 */
const Auth = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('token'),
    env: z
      .string()
      .regex(
        /^BREAKWATER_SOLUTION_[A-Z0-9_]{1,100}$/,
        'expected the name of an environment variable that begins with BREAKWATER_SOLUTION_, not the token itself',
      ),
  }),
  /** Signature version 4 for API Gateway (`execute-api`), with the credentials of this process. */
  z.strictObject({
    type: z.literal('iam'),
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a Region such as us-west-2'),
  }),
]);

export const SolutionSettings = z.strictObject({
  /** Of the REST API, without the routes: https, or http to this very machine. */
  url: z
    .string()
    .max(2_048)
    .superRefine((url, context) => {
      const message = urlProblem(url) ?? tailProblem(url);
      if (message !== null) context.addIssue({ code: 'custom', message });
    }),
  /** Another Breakwater, or the public DRS orchestration solution. */
  kind: z.enum(['breakwater', 'drs-orchestration']),
  auth: Auth,
});
export type SolutionSettings = z.infer<typeof SolutionSettings>;

/** Solutions by the name that plans use. */
export const Solutions = z.record(
  z.string().regex(DOCUMENT_ID, 'expected letters, digits and ._:- and at most 80 of them'),
  SolutionSettings,
);

function tailProblem(url: string): string | null {
  const { search, hash } = new URL(url);
  return search === '' && hash === '' ? null : 'expected a URL without ? and #';
}
