// What `npm run doctor` finds of the machine: Node, open files, room on the disk, the clock.

import { readdirSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Settings } from '../contract/settings.ts'
import { formatTime, MINUTE, type TimeMs } from '../contract/time.ts'
import { isMissing } from '../runtime/files.ts'
import { type AskDisk, freeSpace, isLow, RESERVE_BYTES, shownSpace } from '../runtime/free-space.ts'
import { type Finding, fail, ok, reasonOf, warn } from './finding.ts'

const LEAST_NODE = [20, 19] as const
/** Each device that is connected is an open file. */
const OPEN_FILES = 4_096

/** `nodeVersion` as `process.versions.node` has it; `now` is this machine's clock. */
export function checkMachine(
  settings: Settings,
  nodeVersion: string,
  now: TimeMs,
  askDisk?: AskDisk,
): Finding[] {
  const dataFolder = resolve(settings.PANTAU_DATA)
  return [
    checkNode(nodeVersion),
    checkOpenFiles(),
    checkDisk(dataFolder, askDisk),
    checkClock(dataFolder, now),
  ]
}

function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number)
  const isEnough = major > LEAST_NODE[0] || (major === LEAST_NODE[0] && minor >= LEAST_NODE[1])
  return isEnough
    ? ok('node', `version ${version}`)
    : fail('node', `version ${version}; install ${LEAST_NODE.join('.')} or newer`)
}

function checkOpenFiles(): Finding {
  const limits = readOrNull('/proc/self/limits')
  const text = /^Max open files\s+(\S+)/m.exec(limits ?? '')?.[1]
  if (text === undefined) return ok('open files', 'this system does not tell their limit')
  const most = text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text)
  return most >= OPEN_FILES
    ? ok('open files', `up to ${text}`)
    : warn(
        'open files',
        `up to ${text}; allow ${OPEN_FILES} or more (ulimit -n, LimitNOFILE=), one for each connection`,
      )
}

function checkDisk(dataFolder: string, askDisk: AskDisk | undefined): Finding {
  const space = freeSpace(dataFolder, askDisk)
  const shown = `${shownSpace(space)} for ${dataFolder}`
  const todo = 'make room, or shorten PANTAU_RETENTION'
  if (space.freeBytes < RESERVE_BYTES)
    return fail('disk', `${shown}; ${todo}: below 256 MiB nothing is acknowledged`)
  return isLow(space) ? warn('disk', `${shown}; ${todo}`) : ok('disk', shown)
}

/** A clock that was set back makes the present look like the past: the newest file of the data folder tells. */
function checkClock(dataFolder: string, now: TimeMs): Finding {
  const newest = Math.max(0, ...modifiedIn(dataFolder), ...modifiedIn(join(dataFolder, 'log')))
  const shown = formatTime(now)
  return newest > now + MINUTE
    ? fail(
        'clock',
        `it is ${shown}, and the data folder was written at ${formatTime(newest)}; set the clock, best by a time server`,
      )
    : ok('clock', `${shown}, not before what the data folder holds`)
}

function modifiedIn(folder: string): number[] {
  try {
    return readdirSync(folder).flatMap((name) => {
      const status = statSync(join(folder, name), { throwIfNoEntry: false })
      return status === undefined ? [] : [Math.floor(status.mtimeMs)]
    })
  } catch (error) {
    // What cannot be read is told by the check of the folder itself.
    if (reasonOf(error) === 'ENOENT' || reasonOf(error) === 'EACCES' || reasonOf(error) === 'ENOTDIR')
      return []
    throw error
  }
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}
