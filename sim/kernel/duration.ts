import { z } from 'zod';

const ISO_8601 = /^P(?=\d|T\d)(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/;

/** Milliseconds of an ISO 8601 duration of days, hours, minutes and seconds; `null` if it is none. */
export function parseDuration(text: string): number | null {
  const match = ISO_8601.exec(text);
  if (match === null) return null;
  const [days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
  ];
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}

/** An ISO 8601 duration in a scenario, such as `PT1H30M`; milliseconds afterwards. */
export const duration = z.string().transform((text, context) => {
  const ms = parseDuration(text);
  if (ms !== null) return ms;
  context.issues.push({
    code: 'custom',
    message: 'expected an ISO 8601 duration such as PT30S',
    input: text,
  });
  return z.NEVER;
});
