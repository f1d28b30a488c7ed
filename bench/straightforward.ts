// The straightforward way that `bench ingest` compares with: plain Aedes, an `mqtt` subscriber, and the `influx` package, a write
// for each batch that a message holds, or, as somebody does who has met its limits, writes of 5,000 points. Nothing is durable: a
// message is acknowledged before anything of it is kept.

import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { InfluxDB, type IPoint } from 'influx'
import mqtt from 'mqtt'

/** The longest that a point waits for others. */
const WAIT_MS = 200

if (process.argv[1]?.endsWith('straightforward.js') === true) {
  const [host = '127.0.0.1', port = '8086', batch = '1', database = 'straightforward'] = process.argv.slice(2)
  const influx = new InfluxDB({ host, port: Number(port), database })
  await influx.createDatabase(database)
  const broker = await Aedes.createBroker()
  const server = createServer(broker.handle)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  const address = server.address()
  const url = `mqtt://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
  await subscribe(url, influx, Number(batch))
  process.stdout.write(`${url}\n`)
}

async function subscribe(url: string, influx: InfluxDB, batchPoints: number): Promise<void> {
  let points: IPoint[] = []
  let writing = Promise.resolve()
  const flush = (): void => {
    const batch = points
    points = []
    if (batch.length > 0) writing = writing.then(() => influx.writePoints(batch, { precision: 'ms' }))
  }
  setInterval(flush, WAIT_MS)
  const client = await mqtt.connectAsync(url)
  client.on('message', (topic, payload) => {
    const observation = JSON.parse(payload.toString()) as { time: string; values: Record<string, number> }
    points.push({
      measurement: 'sensor',
      tags: { device: topic.split('/')[3] ?? '' },
      fields: observation.values,
      timestamp: new Date(observation.time),
    })
    if (points.length >= batchPoints) flush()
  })
  await client.subscribeAsync('pantau/+/+/+/reading', { qos: 1 })
}
