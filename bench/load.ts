// The load of `bench ingest` and `bench broker`, in a process of its own whose CPU is not counted: devices that publish observations of five
// metrics at QoS 1, each with a bounded number on the way. Reads its plan from standard input, prints what was acknowledged.

import mqtt from 'mqtt'

export interface LoadPlan {
  readonly url: string
  readonly devices: readonly {
    readonly username: string
    readonly password: string
    readonly topicPrefix: string
  }[]
  readonly observationsEach: number
  readonly inFlightEach: number
  /** Time of the first observation; the others follow by a second each. */
  readonly firstTime: number
}

const METRICS = ['pm2_5', 'pm10', 'temperature', 'humidity', 'pressure'] as const
const BASE = [20, 40, 28, 70, 1_008] as const

if (process.argv[1]?.endsWith('load.js') === true) {
  const chunks: Buffer[] = []
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer)
  const plan = JSON.parse(Buffer.concat(chunks).toString()) as LoadPlan
  const clients = await Promise.all(plan.devices.map((device) => connect(plan.url, device)))
  process.stdout.write('connected\n')
  const acknowledged = await Promise.all(clients.map((client, index) => publishAll(client, plan, index)))
  process.stdout.write(`${acknowledged.reduce((sum, count) => sum + count, 0)}\n`)
  await Promise.all(clients.map((client) => client.endAsync()))
}

function connect(url: string, device: LoadPlan['devices'][number]): Promise<mqtt.MqttClient> {
  const { username, password } = device
  return mqtt.connectAsync(url, {
    clientId: username,
    username,
    password,
    reconnectPeriod: 0,
    keepalive: 600,
  })
}

/** Resolves with the number of messages whose PUBACK came. */
function publishAll(client: mqtt.MqttClient, plan: LoadPlan, index: number): Promise<number> {
  const topic = `${plan.devices[index]?.topicPrefix}/reading`
  return new Promise((done, fail) => {
    let sent = 0
    let acknowledged = 0
    const send = (): void => {
      if (sent >= plan.observationsEach) return
      const payload = payloadOf(plan.firstTime + sent * 1_000, sent + index)
      sent += 1
      client.publish(topic, payload, { qos: 1 }, (error) => {
        if (error) return fail(error)
        acknowledged += 1
        if (acknowledged === plan.observationsEach) done(acknowledged)
        else send()
      })
    }
    for (let first = 0; first < plan.inFlightEach; first += 1) send()
  })
}

export function payloadOf(time: number, step: number): string {
  const values = METRICS.map(
    (metric, index) => `"${metric}":${((BASE[index] ?? 0) + (step % 97) / 10).toFixed(1)}`,
  )
  return `{"time":"${new Date(time).toISOString()}","values":{${values.join()}}}`
}

export const METRICS_EACH = METRICS.length
