import { BreakwaterError } from '#core/errors.ts';

/** Lambda hands over 6 MB at most; a little is left for what it puts around. Source: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const MOST_ANSWER_BYTES = 6_000_000;

/** How many bytes an answer has as the function hands it over, where text within JSON has grown; `null`: they are not too many. */
export function excessBytes(answer: object): number | null {
  const bytes = Buffer.byteLength(JSON.stringify(answer));
  return bytes > MOST_ANSWER_BYTES ? bytes : null;
}

/** What stands in place of an answer that is too large. What was asked for has been done. */
export function answerTooLarge(bytes: number): BreakwaterError {
  const size = (bytes / 1_000_000).toFixed(1);
  return new BreakwaterError(
    'AnswerTooLarge',
    `the request was carried out, but its answer has ${size} MB, and AWS Lambda hands over 6 MB at most`,
  );
}
