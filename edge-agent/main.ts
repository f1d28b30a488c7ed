// The program: `pantau-edge-agent [flags]`. Only this file knows of the process.

// First of all, since it is to hold while the rest is loaded.
import './small-memory.ts'

import * as fs from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { PantauError } from '../contract/errors.ts'
import { formatTime, systemClock } from '../contract/time.ts'
import { systemCode } from '../runtime/files.ts'
import { VERSION } from '../runtime/version.ts'
import { Agent, measureSettings } from './agent.ts'
import { type CommandLine, type Environment, helpText, readCommandLine } from './command-line.ts'
import { lockFolder } from './lock.ts'
import { type Log, openLog } from './log.ts'
import { measure } from './measure.ts'
import { createProbes } from './probes/index.ts'
import type { AgentSettings } from './settings.ts'
import { openSystem } from './system.ts'
import { systemTimers } from './timers.ts'
import type { UplinkOptions } from './uplink.ts'

/** What the program needs of its process. */
export interface Surroundings {
  readonly stdout: (text: string) => void
  readonly stderr: (text: string) => void
  /** Resolves with the reason when the agent is to stop. */
  readonly stopped: () => Promise<string>
}

/** Runs until it is told to stop; returns the exit code (contract section 1). */
export async function main(
  argv: readonly string[],
  environment: Environment,
  surroundings: Surroundings,
): Promise<number> {
  try {
    const line = readCommandLine(argv, environment)
    if (line.mode === 'help') surroundings.stdout(helpText())
    else if (line.mode === 'once')
      surroundings.stdout(`${await measureOnce(line, environment, surroundings)}\n`)
    else await run(line, environment, surroundings)
    return 0
  } catch (error) {
    if (!(error instanceof PantauError)) throw error
    surroundings.stderr(`${error.message}\n`)
    return error.exitCode
  }
}

/** One observation, as it would be sent. */
async function measureOnce(
  line: CommandLine,
  environment: Environment,
  surroundings: Surroundings,
): Promise<string> {
  const log = logOf(line, environment, surroundings)
  const time = formatTime(systemClock.now())
  const context = {
    settings: measureSettings(line.settings),
    system: openSystem(environment['PATH']),
    clock: systemClock,
    timers: systemTimers,
  }
  return JSON.stringify({ time, values: await measure(createProbes(), context, log) })
}

async function run(line: CommandLine, environment: Environment, surroundings: Surroundings): Promise<void> {
  const log = logOf(line, environment, surroundings)
  for (const warning of line.warnings) log.warn(warning)
  const uplink = uplinkOf(line)
  if (!line.settings.tls_verify)
    log.warn('--tls-verify is off: whoever is in between can read and change everything')
  const folder = openStateFolder(line.settings, environment)
  const unlock = await lockFolder(folder)
  const agent = new Agent({
    local: line.local,
    uplink,
    version: VERSION,
    folder,
    disk: fs,
    system: openSystem(environment['PATH']),
    clock: systemClock,
    timers: systemTimers,
    random: Math.random,
    log,
  })
  agent.start()
  log.info(`stopping: ${await surroundings.stopped()}`)
  await agent.stop()
  unlock()
}

function logOf(line: CommandLine, environment: Environment, surroundings: Surroundings): Log {
  return openLog({
    level: line.settings.log_level,
    pretty: environment['PANTAU_LOG'] === 'pretty',
    clock: systemClock,
    write: surroundings.stderr,
  })
}

/** Where to and as whom; reads each file once, so that a wrong one is said at the start. */
function uplinkOf({ settings, password }: CommandLine): Omit<UplinkOptions, 'timers' | 'random' | 'log'> {
  const faults: string[] = []
  const read = (flag: string, path: string | null): string | null => {
    try {
      return path === null ? null : fs.readFileSync(path, 'utf8')
    } catch (error) {
      faults.push(`${flag} is ${path}, which cannot be read (${systemCode(error) ?? String(error)})`)
      return null
    }
  }
  const ca = read('--ca', settings.ca)
  if (settings.ca !== null && ca !== null && !ca.includes('-----BEGIN CERTIFICATE-----')) {
    faults.push(`--ca is ${settings.ca}; a file with PEM certificates is taken`)
  }
  const cert = read('--cert', settings.cert)
  const key = read('--key', settings.key)
  if (read('--password-file', settings.password_file)?.trim() === '') {
    faults.push(`--password-file is ${settings.password_file}; it is empty`)
  }
  if (faults.length > 0) throw new PantauError('bad_setting', faults.join('\n'))
  const passwordFile = settings.password_file
  return {
    url: settings.url ?? '',
    village: settings.village ?? '',
    device: settings.device ?? '',
    password: () => (passwordFile === null ? password : fs.readFileSync(passwordFile, 'utf8').trim()),
    tls: {
      rejectUnauthorized: settings.tls_verify,
      ...(ca === null ? {} : { ca }),
      ...(cert === null ? {} : { cert }),
      ...(key === null ? {} : { key }),
    },
  }
}

/** The folder of the queue, made for its owner only when it is not there. */
function openStateFolder(settings: AgentSettings, environment: Environment): string {
  const home = environment['XDG_STATE_HOME'] ?? join(environment['HOME'] ?? '/var/lib', '.local/state')
  const folder = resolve(settings.state ?? join(home, 'pantau-edge-agent', settings.device ?? ''))
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 })
    fs.accessSync(folder, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK)
    return folder
  } catch (error) {
    const code = systemCode(error) ?? String(error)
    throw new PantauError(
      'data_unusable',
      `--state is ${folder}, which cannot be used (${code}); give a folder that can be written`,
      { cause: error },
    )
  }
}

function isProgram(): boolean {
  const started = process.argv[1]
  return started !== undefined && fs.realpathSync(started) === fileURLToPath(import.meta.url)
}

if (isProgram()) {
  const stopped = (): Promise<string> =>
    new Promise((done) => {
      process.once('SIGTERM', () => done('SIGTERM'))
      process.once('SIGINT', () => done('SIGINT'))
    })
  const surroundings: Surroundings = {
    stdout: (text) => fs.writeSync(1, text),
    stderr: (text) => fs.writeSync(2, text),
    stopped,
  }
  main(process.argv.slice(2), process.env, surroundings).then(
    (code) => process.exit(code),
    (error: unknown) => {
      surroundings.stderr(
        `the agent failed: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`,
      )
      process.exit(1)
    },
  )
}
