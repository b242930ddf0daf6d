import { expect, test } from 'vitest';
import type { SignInParams } from '../host.ts';
import { fakeCommandLine, type FakeIoOptions } from '../testing.ts';

const LOGIN = ['login', '--api', 'https://h/v1', '--user', 'ana'];

function commandLine(options: FakeIoOptions, questions: Parameters<SignInParams['ask']>[0][]) {
  const made = fakeCommandLine(undefined, options);
  const answers: string[] = [];
  made.local.signIn = async ({ user, ask }) => {
    for (const question of questions) answers.push(await ask(question));
    return { api: 'https://h/v1', user };
  };
  const said = (): string => [...made.io.out, ...made.io.err].join('\n');
  return { ...made, answers, said };
}

test('at a terminal a person is asked for the password, and nothing of it is shown', async () => {
  const { run, answers, said } = commandLine({ interactive: true, answers: ['hush'] }, [
    { kind: 'password' },
  ]);
  expect(await run(...LOGIN)).toBe(0);
  expect(answers).toEqual(['hush']);
  expect(said()).toBe('ana is signed in for https://h/v1: use --auth cognito with it.');
});

test('a new password is asked for twice', async () => {
  const same = commandLine({ interactive: true, answers: ['new', 'new'] }, [{ kind: 'newPassword' }]);
  expect([await same.run(...LOGIN), same.answers]).toEqual([0, ['new']]);
  const other = commandLine({ interactive: true, answers: ['new', 'neu'] }, [{ kind: 'newPassword' }]);
  expect([await other.run(...LOGIN), other.said()]).toEqual([1, expect.stringContaining('Declined')]);
});

test('the password comes from the environment, or from the lines of stdin with what else is asked', async () => {
  const environment = { BREAKWATER_PASSWORD: 'hush' };
  const fromThere = commandLine({ environment }, [{ kind: 'password' }]);
  expect([await fromThere.run(...LOGIN), fromThere.answers]).toEqual([0, ['hush']]);
  const stdin = 'one\ntwo\r\n123456\n';
  const fromStdin = commandLine({ environment, stdin }, [
    { kind: 'password' },
    { kind: 'newPassword' },
    { kind: 'code' },
  ]);
  expect([await fromStdin.run(...LOGIN, '--password-stdin'), fromStdin.answers]).toEqual([
    0,
    ['one', 'two', '123456'],
  ]);
});

test('what stdin has no line for ends it with what was asked', async () => {
  const { run, said } = commandLine({ stdin: 'one\n' }, [{ kind: 'password' }, { kind: 'code' }]);
  expect(await run(...LOGIN, '--password-stdin')).toBe(1);
  expect(said()).toContain('SignInFailed: stdin has no line for the code of an authenticator');
  const first = commandLine({ stdin: 'one\n' }, [{ kind: 'password' }, { kind: 'newPassword' }]);
  expect(await first.run(...LOGIN, '--password-stdin')).toBe(1);
  expect(first.said()).toContain('stdin has no line for the new password that the user pool demands\n');
});

const setUp = { kind: 'setUpCode', secret: 'ABCD', address: 'otpauth://totp/x' } as const;

test('the secret of an authenticator is shown to a person, and never where nobody is', async () => {
  const person = commandLine({ interactive: true, answers: ['123456'] }, [setUp]);
  expect([await person.run(...LOGIN), person.answers]).toEqual([0, ['123456']]);
  expect(person.said()).toContain('ABCD');
  const nobody = commandLine({ stdin: '123456\n' }, [setUp]);
  expect(await nobody.run(...LOGIN, '--password-stdin')).toBe(1);
  expect(nobody.said()).toContain('sign in at a terminal');
  expect(nobody.said()).not.toContain('ABCD');
});

test('without a terminal, --password-stdin or the environment it says what to give', async () => {
  const { run, said } = commandLine({}, [{ kind: 'password' }]);
  expect(await run(...LOGIN)).toBe(1);
  expect(said()).toContain('the password cannot be asked for here: give --password-stdin');
});

test('logout names who was signed in, and where', async () => {
  const { run, io } = fakeCommandLine();
  expect(await run('logout', '--api', 'https://h/v1', '--json')).toBe(0);
  expect(io.out).toEqual(['{"user":"ana","api":"https://h/v1"}']);
});
