// Evaluates JSONata expressions for serve.py: one JSON text a line comes in, one answer a line goes out.
const readline = require('node:readline');
const jsonata = require('jsonata');

async function evaluate(expression) {
  try {
    return { value: (await jsonata(expression).evaluate(undefined)) ?? null };
  } catch (error) {
    return { error: `${error.code ?? ''} ${error.message}` };
  }
}

async function main() {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    process.stdout.write(`${JSON.stringify(await evaluate(JSON.parse(line)))}\n`);
  }
}

void main();
