// The machine as the probes see it: programs to run, files and folders to read. Programs are run by name with a list of
// arguments, never through a shell, with a time limit, and with nothing of our environment but the path.

import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

export type CommandResult =
  /** It ran; `code` is null when it was stopped at its time limit. */
  | { readonly ran: true; readonly code: number | null; readonly stdout: string; readonly stderr: string }
  /** There is no such program, or it may not be run. */
  | { readonly ran: false }

export interface System {
  run(command: string, args: readonly string[], timeoutMs: number): Promise<CommandResult>
  /** The file's text; null when it cannot be read. */
  readText(path: string): Promise<string | null>
  /** Names in a folder, sorted; empty when it cannot be read. */
  list(path: string): Promise<readonly string[]>
}

const DEFAULT_PATH = '/usr/sbin:/usr/bin:/sbin:/bin'
const MAX_OUTPUT_BYTES = 1_048_576
/** A program that does not heed the interrupt is killed so much later. */
const KILL_AFTER_MS = 1_000

/** The machine itself; `root` puts another tree in the place of `/` for what is read. */
export function openSystem(path: string | undefined, root = '/'): System {
  const env = { PATH: path ?? DEFAULT_PATH, LC_ALL: 'C' }
  return {
    run: (command, args, timeoutMs) => run(command, args, timeoutMs, env),
    readText: (file) => readFile(join(root, file), 'utf8').catch(() => null),
    list: async (folder) => (await readdir(join(root, folder)).catch(() => [])).sort(),
  }
}

function run(
  command: string,
  args: readonly string[],
  timeoutMs: number,
  env: Record<string, string>,
): Promise<CommandResult> {
  return new Promise((done) => {
    const options = { env, maxBuffer: MAX_OUTPUT_BYTES, encoding: 'utf8' } as const
    const child = execFile(command, args, options, (error, stdout, stderr) => {
      clearTimeout(interrupt)
      clearTimeout(kill)
      // A text instead of a number is the system's word that the program could not be started, such as ENOENT.
      const failed = typeof error?.code === 'string' && error.code !== 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER'
      const code = error === null ? 0 : typeof error.code === 'number' ? error.code : null
      done(failed ? { ran: false } : { ran: true, code, stdout, stderr })
    })
    // execFile's own time limit closes the pipes first, and what ping prints on an interrupt would be lost.
    const interrupt = setTimeout(() => child.kill('SIGINT'), timeoutMs)
    const kill = setTimeout(() => child.kill('SIGKILL'), timeoutMs + KILL_AFTER_MS)
  })
}
