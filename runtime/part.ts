// The shell around each part's process: settings, log, the data folder, a clean stop on SIGTERM, SIGINT or when the
// supervisor is gone, and exit codes as the contract has them. A part itself knows nothing of `process`.

import { PantauError } from '../contract/errors.ts'
import type { Settings } from '../contract/settings.ts'
import { type Clock, systemClock } from '../contract/time.ts'
import { openDataFolder } from './data-folder.ts'
import { removeLeftovers } from './files.ts'
import { type Logger, openLogger } from './logger.ts'
import { loadSettings } from './settings.ts'

export type PartName = 'broker' | 'ingest' | 'dashboard' | 'simulators'

export interface PartContext {
  readonly settings: Settings
  /** Absolute. */
  readonly dataFolder: string
  readonly logger: Logger
  readonly clock: Clock
  /** Ends the process with exit 1 for a fault of ours that cannot be mended here; the supervisor starts it again. */
  fail(error: unknown): void
}

export interface RunningPart {
  /** Ports it got, told to the supervisor. */
  readonly ports?: Readonly<Record<string, number | null>>
  stop(): Promise<void>
}

/** What a part tells its supervisor over the process channel. */
export type PartMessage =
  | { readonly type: 'ready'; readonly ports: Readonly<Record<string, number | null>> }
  | { readonly type: 'fault'; readonly code: string; readonly exit: number; readonly message: string }

/** A clean stop that takes longer than this is cut off. */
const STOP_MS = 4_500

/**
 * Runs the part until it is told to stop; never returns control of the process's end to the caller. `argv` are flags of
 * settings: a part with flags of its own passes none.
 */
export async function runPart(
  name: PartName,
  start: (context: PartContext) => Promise<RunningPart>,
  argv: readonly string[] = process.argv.slice(2),
): Promise<void> {
  let logger: Logger | null = null
  const fail = (error: unknown): void => {
    reportFault(error, logger)
    process.exit(error instanceof PantauError ? error.exitCode : 1)
  }
  // Whatever it or a library makes is its owner's alone, however the shell was set up.
  process.umask(0o077)
  process.on('uncaughtException', fail)
  process.on('unhandledRejection', fail)
  try {
    const { settings, warnings } = loadSettings(argv, process.env)
    logger = openLogger(name, settings)
    for (const warning of warnings) logger.warn(warning)
    const dataFolder = openDataFolder(settings.PANTAU_DATA)
    const left = removeLeftovers(dataFolder, systemClock.now())
    if (left.length > 0) logger.info({ left }, 'half-written files of a killed process were removed')
    const running = await stoppable(start({ settings, dataFolder, logger, clock: systemClock, fail }), logger)
    send({ type: 'ready', ports: running.ports ?? {} })
    logger.info({ ports: running.ports }, `${name} is ready`)
  } catch (error) {
    fail(error)
  }
}

/** Stops the part once it has started, whenever the signal came. */
async function stoppable(starting: Promise<RunningPart>, logger: Logger): Promise<RunningPart> {
  let stopping = false
  const stop = (reason: string): void => {
    if (stopping) return
    stopping = true
    logger.info(`stopping: ${reason}`)
    setTimeout(() => process.exit(1), STOP_MS).unref()
    starting
      .then((running) => running.stop())
      .then(
        () => process.exit(0),
        (error: unknown) => {
          reportFault(error, logger)
          process.exit(1)
        },
      )
  }
  process.on('SIGTERM', () => stop('SIGTERM'))
  process.on('SIGINT', () => stop('SIGINT'))
  if (process.channel !== undefined) process.on('disconnect', () => stop('the supervisor is gone'))
  return starting
}

function reportFault(error: unknown, logger: Logger | null): void {
  const message = error instanceof Error ? error.message : String(error)
  const isUsers = error instanceof PantauError
  send({
    type: 'fault',
    code: isUsers ? error.code : 'part_failed',
    exit: isUsers ? error.exitCode : 1,
    message,
  })
  if (logger !== null) logger.error(isUsers ? { code: error.code } : { err: error }, message)
  // Without a supervisor the last line is for the person who ran the command.
  if (process.channel === undefined) process.stderr.write(`${message}\n`)
}

function send(message: PartMessage): void {
  if (process.send !== undefined && process.connected) process.send(message)
}
