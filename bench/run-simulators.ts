// The simulators against a village of a benchmark, in a process of their own.

import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { root, type TestVillage } from '../test/village.ts'

export interface RunningSimulators {
  readonly child: ChildProcess
  readonly ended: Promise<void>
  /** What they wrote to standard error so far. */
  log(): string
}

/** `flags` by their names without hyphens, as `npm run simulate` takes them. */
export function runSimulators(
  village: TestVillage,
  flags: Readonly<Record<string, string | number>>,
): RunningSimulators {
  const child = spawn(
    process.execPath,
    [
      join(root, 'dist/simulators.js'),
      ...Object.entries(flags).flatMap(([name, value]) => [`--${name}`, String(value)]),
    ],
    {
      cwd: root,
      env: {
        ...process.env,
        PANTAU_DATA: village.dataFolder,
        PANTAU_MQTT_PORT: new URL(village.mqtt).port,
        PANTAU_LOG_LEVEL: 'info',
      },
      stdio: ['ignore', 'inherit', 'pipe'],
    },
  )
  let log = ''
  child.stderr.on('data', (chunk) => {
    log += String(chunk)
  })
  return { child, log: () => log, ended: new Promise((done) => child.once('exit', () => done())) }
}
