import type { MessageAttributeValue } from '@aws-sdk/client-sns';
import { ServiceError } from '#sim/kernel/contract.ts';

type Attributes = Readonly<Record<string, MessageAttributeValue>>;

/** At most 256 letters, digits, `_`, `-` and `.`; no dot at either end, nor two in succession. */
const NAME = /^(?!\.)(?!.*\.\.)[\w.-]{1,256}(?<!\.)$/;
const RESERVED_NAME = /^(aws|amazon)\./i;
/** `String`, `Number` or `Binary`, with any suffix, such as `String.Array`. */
const TYPE = /^(String|Number|Binary)(\.|$)/;
const LONGEST_TYPE_BYTES = 256;
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The values of a message's attributes, binary ones as base64. Throws `InvalidParameterValueException` for names, types
 * and values that break the rules of https://docs.aws.amazon.com/sns/latest/dg/sns-message-attributes.html.
 */
export function readAttributes(attributes: Attributes): Record<string, string> {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, attribute]) => [name, readAttribute(name, attribute)]),
  );
}

/** Name, type and value all count towards the size of the message (same page). */
export function bytesOfAttributes(attributes: Attributes): number {
  return Object.entries(attributes)
    .map(([name, { DataType = '', StringValue = '', BinaryValue }]) => {
      const text = Buffer.byteLength(name + DataType + StringValue);
      return text + (BinaryValue?.byteLength ?? 0);
    })
    .reduce((sum, bytes) => sum + bytes, 0);
}

function readAttribute(
  name: string,
  { DataType = '', StringValue = '', BinaryValue }: MessageAttributeValue,
) {
  if (!NAME.test(name)) throw refusal(`Invalid message attribute name '${name}' was found.`);
  if (RESERVED_NAME.test(name)) {
    throw refusal(`Message attribute name '${name}' starts with a prefix that is reserved.`);
  }
  if (!TYPE.test(DataType) || Buffer.byteLength(DataType) > LONGEST_TYPE_BYTES) {
    throw refusal(
      `The message attribute '${name}' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.`,
    );
  }
  const isBinary = DataType.startsWith('Binary');
  const value = isBinary ? Buffer.from(BinaryValue ?? []).toString('base64') : StringValue;
  if (value === '') {
    throw refusal(
      `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${DataType}'.`,
    );
  }
  if (DataType.startsWith('Number') && !NUMBER.test(value)) {
    throw refusal(`Could not cast message attribute '${name}' value to number.`);
  }
  return value;
}

function refusal(message: string): ServiceError {
  return new ServiceError('InvalidParameterValueException', message);
}
