import { LineCounter, parseDocument, isNode, type Document } from 'yaml';
import type { ServiceDefinition } from './contract.ts';
import { parseScenario, ScenarioError, type Scenario } from './scenario.ts';
import type { ScenarioProblem } from './scenario-problems.ts';

/** Reads a scenario from the text of a YAML file. Throws `ScenarioError`, with line and column of each problem. */
export function readScenario(text: string, services: readonly ServiceDefinition[]): Scenario {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: true });
  if (document.errors.length > 0) {
    throw new ScenarioError(
      document.errors.map(({ message, pos }) => ({
        path: '',
        keys: [],
        value: undefined,
        expected: `expected YAML: ${message}`,
        ...placeOf(pos[0], lines),
      })),
    );
  }
  try {
    return parseScenario(toValue(document), services);
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    throw new ScenarioError(error.problems.map((problem) => locate(problem, document, lines)).sort(byPlace));
  }
}

function byPlace(a: ScenarioProblem, b: ScenarioProblem): number {
  return (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0);
}

/** Throws `ScenarioError` for aliases that unfold without end. */
function toValue(document: Document.Parsed): unknown {
  try {
    return document.toJS();
  } catch (error) {
    const expected = `expected YAML that can be unfolded: ${(error as Error).message}`;
    throw new ScenarioError([{ path: '', keys: [], value: undefined, expected, line: 1, column: 1 }]);
  }
}

/** Where the value stands, or else the nearest thing around it that the file has. */
function locate(problem: ScenarioProblem, document: Document.Parsed, lines: LineCounter): ScenarioProblem {
  for (let length = problem.keys.length; length >= 0; length--) {
    const node: unknown =
      length === 0 ? document.contents : document.getIn(problem.keys.slice(0, length), true);
    if (isNode(node) && node.range) return { ...problem, ...placeOf(node.range[0], lines) };
  }
  return problem;
}

function placeOf(offset: number, lines: LineCounter): { line: number; column: number } {
  const { line, col } = lines.linePos(offset);
  return { line, column: col };
}
