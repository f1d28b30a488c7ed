// One agent a state folder: two would deliver and delete each other's readings. The lock is a name in Linux' abstract socket
// space, which goes with the process, however it ends; a file with a process number in it may name another after a power cut.

import { createHash } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { platform } from 'node:os'
import { PantauError } from '../contract/errors.ts'
import { systemCode } from '../runtime/files.ts'

/** Takes the folder; the returned function lets it go. Throws `data_in_use`. Elsewhere than on Linux nothing is locked. */
export async function lockFolder(folder: string): Promise<() => void> {
  if (platform() !== 'linux') return () => {}
  const digest = createHash('sha256').update(realpathSync(folder)).digest('hex').slice(0, 32)
  const server = createServer((socket) => socket.destroy())
  try {
    await listen(server, `\0pantau-edge-agent-${digest}`)
  } catch (error) {
    if (systemCode(error) !== 'EADDRINUSE') throw error
    throw new PantauError(
      'data_in_use',
      `--state is ${folder}, which another running agent uses; stop it, or give each agent a folder of its own`,
    )
  }
  server.unref()
  return () => server.close()
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((done, fail) => {
    server.once('error', fail)
    server.listen({ path }, done)
  })
}
