import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { dataFiles, openDataDirectory, readMeta, readOwner, writeMeta } from './data-directory.ts';

let root: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'bw-'));
});
afterEach(async () => {
  for (const child of children.splice(0)) await kill(child);
  rmSync(root, { recursive: true });
});

const MODULE = JSON.stringify(path.join(import.meta.dirname, 'data-directory.ts'));

/** Opens a directory in a process of its own, which prints the outcome as one line of JSON and stays. */
async function openInChild(
  directory: string,
  { shell = '', asNobody = false } = {},
): Promise<{ child: ChildProcess; said: unknown }> {
  const program = `
    const { openDataDirectory } = await import(${MODULE});
    await openDataDirectory(${JSON.stringify(directory)}).then(
      ({ socket }) => console.log(JSON.stringify({ pid: process.pid, socket })),
      ({ code, message }) => console.log(JSON.stringify({ code, message })),
    );
    setInterval(() => {}, 1_000);`;
  const command = `${shell} exec "$0" --disable-warning=ExperimentalWarning --input-type=module -e "$1"`;
  const identity = asNobody && process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const child = spawn('/bin/sh', ['-c', command, process.execPath, program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...identity,
  });
  children.push(child);
  const [line]: (Buffer | number)[] = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')]);
  if (typeof line === 'number') throw new TypeError(`the child ended with ${line}`);
  return { child, said: JSON.parse(String(line)) as unknown };
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

describe('opening', () => {
  test('creates the directory for the user alone, and says who owns it', async () => {
    const directory = path.join(root, 'a', 'b');
    const opened = await openDataDirectory(directory);
    expect(statSync(directory).mode & 0o777).toBe(0o700);
    expect(await readOwner(directory)).toEqual({
      pid: process.pid,
      startedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) as string,
      socket: path.join(directory, 'control.sock'),
      serves: false,
    });
    expect(opened.files).toEqual({
      records: path.join(directory, 'records.db'),
      engine: path.join(directory, 'engine.db'),
      simulation: path.join(directory, 'simulation.db'),
    });
    opened.close();
  });

  test('is possible again after it was closed, and nobody owns it between', async () => {
    (await openDataDirectory(root)).close();
    expect(await readOwner(root)).toBeNull();
    expect(existsSync(path.join(root, 'owner.json'))).toBe(false);
    (await openDataDirectory(root)).close();
  });

  test('closing twice does not take the directory from the next owner', async () => {
    const first = await openDataDirectory(root);
    first.close();
    const second = await openDataDirectory(root);
    first.close();
    expect(await readOwner(root)).toMatchObject({ pid: process.pid });
    second.close();
  });

  test('a second time in the same process is refused', async () => {
    const first = await openDataDirectory(root);
    await expect(openDataDirectory(root)).rejects.toMatchObject({ code: 'DataDirectoryInUse' });
    expect(await readOwner(root)).toMatchObject({ pid: process.pid });
    first.close();
  });

  test('a relative path names the same directory', async () => {
    const opened = await openDataDirectory(path.relative(process.cwd(), root));
    expect(opened.files).toEqual(dataFiles(root));
    opened.close();
  });

  test('a directory with a long path has its socket in a short and private place, gone when it is closed', async () => {
    const directory = path.join(root, 'long'.repeat(30));
    const opened = await openDataDirectory(directory);
    expect(Buffer.byteLength(opened.socket)).toBeLessThan(100);
    expect(statSync(path.dirname(opened.socket)).mode & 0o777).toBe(0o700);
    expect(await readOwner(directory)).toMatchObject({ socket: opened.socket });
    opened.close();
    expect(existsSync(path.dirname(opened.socket))).toBe(false);
  });
});

describe('a directory of another process', () => {
  test('is refused with the process id of the owner, who can be found by others', async () => {
    const { child } = await openInChild(root);
    await expect(openDataDirectory(root)).rejects.toMatchObject({
      code: 'DataDirectoryInUse',
      message: expect.stringContaining(`${root} is in use by process ${child.pid}, started `) as string,
      details: { path: root, owner: { pid: child.pid } },
    });
    expect(await readOwner(root)).toMatchObject({ pid: child.pid, socket: path.join(root, 'control.sock') });
  });

  test('refuses a second process just so', async () => {
    const first = await openInChild(root);
    const second = await openInChild(root);
    expect(second.said).toMatchObject({
      code: 'DataDirectoryInUse',
      message: expect.stringContaining(`process ${first.child.pid},`) as string,
    });
  });

  test('is free the moment its owner is killed, with the sockets it has left', async () => {
    const directory = path.join(root, 'long'.repeat(30));
    const { child, said } = await openInChild(directory);
    const { socket } = said as { socket: string };
    writeFileSync(socket, '');
    await kill(child);
    expect(existsSync(path.join(directory, 'owner.json'))).toBe(true);
    expect(await readOwner(directory)).toBeNull();
    const opened = await openDataDirectory(directory);
    expect(existsSync(path.dirname(socket))).toBe(false);
    opened.close();
  });

  test('is opened although others keep looking who owns it', async () => {
    for (let i = 0; i < 20; i++) {
      const [opened] = await Promise.all([openDataDirectory(root), readOwner(root), readOwner(root)]);
      opened.close();
    }
  });

  test('is refused also when its owner cannot be read', async () => {
    await openInChild(root);
    rmSync(path.join(root, 'owner.json'));
    await expect(openDataDirectory(root)).rejects.toMatchObject({
      code: 'DataDirectoryInUse',
      message: `${root} is in use by another process`,
    });
  });
});

describe('a directory that cannot be used', () => {
  test('because it is a file is refused, naming it', async () => {
    const file = path.join(root, 'file');
    writeFileSync(file, '');
    await expect(openDataDirectory(file)).rejects.toMatchObject({
      code: 'DataDirectoryUnusable',
      message: `${file} cannot be used: it is not a directory`,
    });
    await expect(openDataDirectory(path.join(file, 'below'))).rejects.toMatchObject({
      code: 'DataDirectoryUnusable',
      message: `${path.join(file, 'below')} cannot be used: a part of the path is not a directory`,
    });
  });

  test('because nothing may be created in its parent is refused, naming it', async () => {
    chmodSync(root, 0o555);
    const { said } = await openInChild(path.join(root, 'new'), { asNobody: true });
    expect(said).toEqual({
      code: 'DataDirectoryUnusable',
      message: `${path.join(root, 'new')} cannot be used: permission denied`,
    });
  });

  test('because it is read-only is refused, naming it, and is left as it was', async () => {
    const directory = path.join(root, 'data');
    mkdirSync(directory, { mode: 0o555 });
    chmodSync(root, 0o755);
    const { said } = await openInChild(directory, { asNobody: true });
    expect(said).toMatchObject({
      code: 'DataDirectoryUnusable',
      message: expect.stringContaining(directory) as string,
    });
  });

  test('because nothing can be written is refused, naming it, and is free for the next', async () => {
    const { said } = await openInChild(root, { shell: 'ulimit -f 0;' });
    expect(said).toEqual({
      code: 'DataDirectoryUnusable',
      message: `${path.join(root, 'owner.json')} cannot be used: files may not grow that large`,
    });
    (await openDataDirectory(root)).close();
  });

  test('because its lock is not a database is refused, naming it', async () => {
    writeFileSync(path.join(root, 'lock.db'), 'not a database'.repeat(100));
    await expect(openDataDirectory(root)).rejects.toMatchObject({
      code: 'StoreCorrupt',
      details: { path: path.join(root, 'lock.db') },
    });
  });
});

describe('the owner of a directory that does not exist', () => {
  test('is nobody, and the directory is not made', async () => {
    expect(await readOwner(path.join(root, 'missing'))).toBeNull();
    expect(existsSync(path.join(root, 'missing'))).toBe(false);
  });
});

describe('facts beside the records', () => {
  test('are null until they are written, and then replaced as a whole', async () => {
    expect(readMeta(root, 'clock')).toBeNull();
    await writeMeta(root, 'clock', { now: 1 });
    await writeMeta(root, 'clock', { now: 2 });
    expect(readMeta(root, 'clock')).toEqual({ now: 2 });
    expect(readFileSync(path.join(root, 'clock.meta.json'), 'utf8')).toBe('{"now":2}\n');
  });

  test('are not disturbed by a draft that a crash has left', async () => {
    await writeMeta(root, 'clock', 1);
    writeFileSync(path.join(root, 'clock.meta.json.new'), '{"no');
    expect(readMeta(root, 'clock')).toBe(1);
    await writeMeta(root, 'clock', 2);
    expect(readMeta(root, 'clock')).toBe(2);
  });

  test('that are damaged are reported with their path', () => {
    writeFileSync(path.join(root, 'clock.meta.json'), '{"no');
    expect(() => readMeta(root, 'clock')).toThrow(
      expect.objectContaining({
        code: 'StoreCorrupt',
        message: `${path.join(root, 'clock.meta.json')} is not JSON`,
      }),
    );
  });

  test('that cannot be written are reported with their path', async () => {
    await expect(writeMeta(path.join(root, 'missing'), 'clock', 1)).rejects.toEqual(
      expect.objectContaining({
        code: 'DataDirectoryUnusable',
        message: `${path.join(root, 'missing', 'clock.meta.json')} cannot be used: it does not exist`,
      }),
    );
  });
});
