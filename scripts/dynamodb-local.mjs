// Fetches Amazon's DynamoDB Local, which the tests of the DynamoDB store run on, with Maven into `.dynamodb-local`. Needs Java 17.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './ensure.mjs';

const VERSION = '3.3.1';
const FOLDER = path.join(ROOT, '.dynamodb-local');
const DONE = path.join(FOLDER, VERSION);

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>breakwater</groupId>
  <artifactId>dynamodb-local</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>software.amazon.dynamodb</groupId>
      <artifactId>DynamoDBLocal</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/** The jars, and the SQLite library that it keeps its items in. A fetch that was broken off leaves nothing that looks whole. */
function fetchJars() {
  const begun = `${FOLDER}.begun`;
  for (const folder of [FOLDER, begun]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(begun);
  writeFileSync(path.join(begun, 'pom.xml'), POM);
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies';
  const args = ['-q', '-B', '-f', path.join(begun, 'pom.xml'), goal, `-DoutputDirectory=${begun}`];
  const { status, error } = spawnSync('mvn', args, { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    console.error(
      `DynamoDB Local could not be fetched: ${error ? error.message : `mvn ended with ${status}`}`,
    );
    process.exit(1);
  }
  writeFileSync(path.join(begun, VERSION), '');
  renameSync(begun, FOLDER);
}

if (!existsSync(DONE)) fetchJars();
