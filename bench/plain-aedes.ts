// Plain Aedes in memory, the peer of the broker's benchmarks, in a process of its own. Prints its port.

import { type AddressInfo, createServer } from 'node:net'
import { Aedes } from 'aedes'

if (process.argv[1]?.endsWith('plain-aedes.js') === true) {
  const broker = await Aedes.createBroker({ concurrency: 0 })
  const server = createServer(broker.handle)
  await new Promise<void>((done) => server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, done))
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`)
}
