// A simulated device's link to the broker: the real door with real credentials. It says `online` when it connects and
// leaves `offline` as its last will; when the model cuts it off, the socket is torn down without a goodbye, as in a power cut.

import mqtt from 'mqtt'
import type { DeviceCredentials } from '../runtime/devices.ts'
import { KEEP_ALIVE_S } from './session.ts'

export interface Link {
  /** Publishes at QoS 1; dropped while the link is down, as by a device without a queue. */
  publish(channel: 'reading' | 'event', payload: string): void
  connect(): void
  /** Ends the link without DISCONNECT: the broker publishes the will. */
  cut(): void
  close(): Promise<void>
}

export interface LinkCounts {
  published: number
  acknowledged: number
  dropped: number
}

/** Reconnects are spread, so that a broker's restart is not met by all at once. */
const RECONNECT_LEAST_MS = 500
const RECONNECT_SPREAD_MS = 4_000

export function openLink(
  url: string,
  credentials: DeviceCredentials,
  counts: LinkCounts,
  random: () => number,
  onFault: (message: string) => void,
): Link {
  const topic = (channel: string): string => `${credentials.topicPrefix}/${channel}`
  let client: mqtt.MqttClient | null = null

  function connect(): void {
    if (client !== null) return
    const opened = mqtt.connect(url, {
      clientId: credentials.username,
      username: credentials.username,
      password: credentials.password,
      keepalive: KEEP_ALIVE_S,
      reconnectPeriod: RECONNECT_LEAST_MS + Math.floor(RECONNECT_SPREAD_MS * random()),
      connectTimeout: 15_000,
      // A broker that does not know the device yet will in a moment: without this a refusal would be for ever.
      reconnectOnConnackError: true,
      queueQoSZero: false,
      // It holds a buffer for each of 65,536 numbers, and is worth it only to who publishes thousands a second.
      writeCache: false,
      will: { topic: topic('status'), payload: Buffer.from('offline'), qos: 1, retain: true },
    })
    opened.on('connect', () => opened.publish(topic('status'), 'online', { qos: 1, retain: true }))
    // A refused connection is tried again by the client; whoever runs the simulators wants to know why.
    opened.on('error', (error) => onFault(`${credentials.id}: ${error.message}`))
    client = opened
  }

  return {
    connect,
    publish(channel, payload) {
      if (client?.connected !== true) {
        counts.dropped += 1
        return
      }
      counts.published += 1
      client.publish(topic(channel), payload, { qos: 1 }, (error) => {
        if (error === undefined || error === null) counts.acknowledged += 1
        else counts.dropped += 1
      })
    },
    cut() {
      client?.stream.destroy()
      client?.end(true)
      client = null
    },
    async close() {
      const closing = client
      client = null
      await closing?.endAsync(true)
    },
  }
}
