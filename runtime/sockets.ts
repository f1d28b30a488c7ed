// The parts speak over Unix sockets in the data folder, which its mode 0700 guards. A socket's path may have about 100
// bytes, so a deep data folder gets a folder of its own, named by the data folder's digest, in the system's temporary one.

import { createHash } from 'node:crypto'
import { lstatSync, mkdirSync, unlinkSync } from 'node:fs'
import type { Server } from 'node:net'
import { createConnection } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { PantauError } from '../contract/errors.ts'
import { isMissing } from './files.ts'

/** `wake`: broker to ingest; `mqtt`: WebSocket relay to broker; `ingest`: dashboard and commands to ingest. */
export type SocketName = 'wake' | 'mqtt' | 'ingest'

/** `sun_path` holds 108 bytes on Linux and 104 on macOS, the ending zero included. */
const LONGEST_PATH = 100

export function socketPath(dataFolder: string, name: SocketName): string {
  const folder = join(resolve(dataFolder), 'run')
  const path = join(folder, `${name}.sock`)
  if (Buffer.byteLength(path) <= LONGEST_PATH) return path
  const digest = createHash('sha256').update(resolve(dataFolder)).digest('hex').slice(0, 16)
  return join(tmpdir(), `pantau-${digest}`, `${name}.sock`)
}

/**
 * Listens on the socket of that name; a socket that a dead process left behind is removed first. Throws `data_in_use` when
 * somebody answers on it.
 */
export async function listenOnSocket(server: Server, dataFolder: string, name: SocketName): Promise<string> {
  const path = socketPath(dataFolder, name)
  const folder = path.slice(0, path.lastIndexOf('/'))
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const status = lstatSync(folder)
  if (!status.isDirectory() || (process.getuid !== undefined && status.uid !== process.getuid())) {
    throw new PantauError('data_unusable', `${folder} belongs to somebody else; remove it and start again`)
  }
  if (await answers(path)) {
    throw new PantauError('data_in_use', `${path} is served by another running Pantau; stop it first`)
  }
  removeIfPresent(path)
  await new Promise<void>((done, fail) => {
    server.once('error', fail)
    server.listen(path, () => {
      server.off('error', fail)
      done()
    })
  })
  return path
}

function answers(path: string): Promise<boolean> {
  return new Promise((done) => {
    const probe = createConnection(path)
    probe.once('connect', () => {
      probe.destroy()
      done(true)
    })
    probe.once('error', () => done(false))
  })
}

function removeIfPresent(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}
