/**
 * What Lambda's Node.js runtime is to a function: loads `index.mjs` once, then performs one invocation after the other. Plain
 * JavaScript, because nothing but the bundle may be in the process. Talks to `function-process.ts`.
 */
const realNow = Date.now;
passTimeAsTheWorldDoes(JSON.parse(process.env.WORLD_TIME));
const { handler } = await import(process.argv[2]);

process.on('message', ({ event, functionName, invokedFunctionArn, requestId, deadlineMs }) => {
  const context = {
    awsRequestId: requestId,
    functionName,
    functionVersion: '1',
    invokedFunctionArn,
    callbackWaitsForEmptyEventLoop: true,
    getRemainingTimeInMillis: () => Math.max(deadlineMs - realNow(), 0),
  };
  // A handler that throws before its first await is answered like one that rejects.
  void (async () => handler(event, context))().then(
    (answer) => process.send({ answer: answer ?? null }),
    (thrown) => process.send({ failure: failureOf(thrown) }),
  );
});
process.send({ ready: true });

/** The clock of the process: it began with the simulated AWS, and runs as fast. Timers stay as they are. */
function passTimeAsTheWorldDoes({ startsAt, speed }) {
  const now = () => Math.floor(startsAt + (realNow() - startsAt) * speed);
  globalThis.Date = class extends Date {
    constructor(...args) {
      super(...(args.length === 0 ? [now()] : args));
    }

    static now() {
      return now();
    }
  };
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
function failureOf(thrown) {
  const isError = thrown instanceof Error;
  return {
    errorType: isError ? thrown.name : typeof thrown,
    errorMessage: isError ? thrown.message : String(thrown),
    trace: isError ? (thrown.stack ?? '').split('\n') : [],
  };
}
